import Compute
import Media
import Networks
import Tensors

/// `I3D`, ready to run: from a window of frames to features for each eighth of them. One for each worker.
package final class ClipEncoder: WindowEncoder {
  private let graph: InferenceGraph
  private let worker: GraphWorker
  private let preprocessing: Preprocessing
  /// Positions of the result's grid.
  private let positions: Int

  /// Compiles the network and packs its weights, which stand in the file under `encoder`, batch norm folded in.
  package convenience init(
    weights file: SafetensorsFile, _ engine: Engine, preprocessing: Preprocessing = I3D.preprocessing
  ) throws {
    let graph = InferenceGraph(engine)
    func unit(_ source: InferenceGraph.Value, _ unit: I3D.Unit) throws
      -> InferenceGraph.Value
    {
      try graph.convolution(
        source, weight: file.lazy("encoder.\(unit.name).weight", shape: unit.weightShape),
        bias: file.lazy("encoder.\(unit.name).bias", shape: [unit.outputs]),
        stride: [unit.stride, unit.stride, unit.stride], activation: .relu)
    }
    let side = I3D.inputSize
    var value = try graph.input(channels: 3, extent: [I3D.frames, side, side])
    for stage in I3D.stages {
      switch stage {
      case .unit(let first): value = try unit(value, first)
      case .pool(let kernel, let stride): value = try graph.maximum(value, kernel: kernel, stride: stride)
      case .module(let branches):
        let results = try branches.enumerated().map { number, branch in
          let start =
            number == 3 ? try graph.maximum(value, kernel: [3, 3, 3], stride: [1, 1, 1]) : value
          return try branch.reduce(start, unit)
        }
        value = try graph.concatenation(results)
      }
    }
    precondition(value.channels == I3D.channels && value.extent[0] == I3D.steps)
    try graph.finish(value)
    try self.init(graph, positions: value.extent[1] * value.extent[2], preprocessing)
  }

  private init(_ graph: InferenceGraph, positions: Int, _ preprocessing: Preprocessing) throws {
    (self.graph, self.positions, self.preprocessing) = (graph, positions, preprocessing)
    worker = try GraphWorker(graph)
  }

  package func copy() throws -> ClipEncoder { try ClipEncoder(graph, positions: positions, preprocessing) }

  /// A frame as the network sees it: by its own preprocessing, the shorter side shrunk or stretched to 256 pixels, and
  /// 224 × 224 out of the middle.
  package func sample(_ image: Image) -> Image {
    preprocessing.square(image, side: I3D.inputSize, shorterSide: I3D.shorterSide)
  }

  package func isStill(_ samples: [Image]) -> Bool { Stillness.holds(samples) }

  /// Encodes a window.
  /// - Parameters:
  ///   - samples: 64, in order of time, 1/25 s apart
  ///   - features: [8, 1024], the mean over the grid of each step
  package func encode(_ samples: [Image], into features: MutableRows) {
    let (channels, pixels) = (I3D.channels, I3D.inputSize * I3D.inputSize)
    precondition(samples.count == I3D.frames && (features.rows, features.columns) == (I3D.steps, channels))
    let (input, output) = (worker.input, worker.output)
    for (number, sample) in samples.enumerated() {
      // Planes: [3, frames, height, width].
      preprocessing.normalize(sample, into: input + number * pixels, stride: samples.count * pixels)
    }
    worker.run()
    for step in 0..<I3D.steps {
      average(
        Rows(output + step * positions * channels, rows: positions, columns: channels),
        into: features[step])
    }
  }

  /// What oneDNN chose for each operation.
  package var implementations: [String] { graph.implementations }
}
