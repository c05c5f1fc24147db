import Compute
import Media
import Networks
import Tensors

/// The encoder's features at two depths, of a square of any size that halves well: what is seen in fine detail, at an eighth of
/// the square's size, and what is seen of its kind, at a sixteenth. Ends where the deeper ones are made. One for each thread.
package final class FeaturePyramid {
  /// Features of one depth.
  package struct Level: Sendable, Equatable {
    /// Rows, and columns.
    package let side: Int
    package let channels: Int
  }

  /// Side of the square, in pixels.
  package let side: Int
  /// The fine one first.
  package let levels: [Level]
  private let worker: GraphWorker
  private let preprocessing: Preprocessing
  private let team: ThreadTeam

  /// - Parameters:
  ///   - side: of the square, a multiple of 16, in pixels
  ///   - threads: that compute it
  /// - Throws: `ModelError` where the weights do not fit, `ComputeError`.
  package init(_ model: CaptionModel, side: Int, threads: Int) throws {
    precondition(side > 0 && side % 16 == 0)
    let layers = model.configuration.encoder.layers
    var (reach, fine, deep) = (1, 0, 0)
    for (index, layer) in layers.enumerated() {
      reach *= layer.stride
      guard !layer.clipped else { continue }
      if reach == 8 { fine = index }
      // The first stage of that reach alone: those after it cost as much again, and know less of where things are.
      if reach == 16, deep == 0 || layer.weightShape[0] == layers[deep].weightShape[0] { deep = index }
    }
    self.side = side
    preprocessing = model.configuration.preprocessing
    levels = [(8, fine), (16, deep)].map { reach, index in
      Level(side: side / reach, channels: layers[index].weightShape[0])
    }
    let team = ThreadTeam(threads)
    self.team = team
    do {
      worker = try team.run {
        try GraphWorker(
          InferenceGraph(
            layers[...deep], side: side, weights: model.weights, Engine(), observing: [layers[fine].name]))
      }
    } catch let error as SafetensorsError { throw ModelError(error) }
  }

  /// The features of a square.
  /// - Parameter square: its colors in planes, [3, side, side], 0 to 255
  /// - Returns: for each level [row, column, channel], valid until the next call.
  package func features(of square: UnsafeBufferPointer<Float>) -> [UnsafeBufferPointer<Float>] {
    precondition(square.count == 3 * side * side)
    let (mean, scale) = (Float(preprocessing.mean), 1 / Float(preprocessing.scale))
    for index in square.indices { worker.input[index] = (square[index] - mean) * scale }
    team.run { worker.run() }
    let deep = levels[1]
    return [
      worker.observed[0],
      UnsafeBufferPointer(start: worker.output, count: deep.side * deep.side * deep.channels),
    ]
  }
}
