import Networks
import Tensors

extension CaptionDecoder {
  /// Projects the encoder's grids to values and keys, once an image.
  /// - Parameters:
  ///   - features: [images, positions, channels]
  ///   - values: [images, positions, projection], overwritten
  ///   - keys: [images, positions, attention], overwritten
  ///   - regularize: applied to the values before anything uses them.
  func prepare(
    _ features: UnsafePointer<Float>, images: Int, positions: Int, values: UnsafeMutablePointer<Float>,
    keys: UnsafeMutablePointer<Float>, regularize: (UnsafeMutablePointer<Float>) -> Void = { _ in }
  ) {
    let cells = images * positions
    projection.forward(features, rows: cells, into: values)
    relu(values, count: cells * sizes.projection)
    regularize(values)
    attention.key.forward(values, rows: cells, into: keys)
  }

  /// The LSTM's state before the first word, from the mean value of each image.
  /// - Parameters:
  ///   - mean: [images, projection], zero; becomes the means
  ///   - hidden, cell: [images, hidden], overwritten
  func firstState(
    values: UnsafePointer<Float>, images: Int, positions: Int, mean: UnsafeMutablePointer<Float>,
    hidden: UnsafeMutablePointer<Float>, cell: UnsafeMutablePointer<Float>
  ) {
    let depth = sizes.projection
    for image in 0..<images {
      let sum = mean + image * depth
      for position in 0..<positions {
        add(values + (image * positions + position) * depth, to: sum, count: depth)
      }
      for i in 0..<depth { sum[i] /= Float(positions) }
    }
    initialHidden.forward(mean, rows: images, into: hidden)
    initialCell.forward(mean, rows: images, into: cell)
  }
}
