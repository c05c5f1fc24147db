import Networks
import Tensors

/// The ImageNet classifier that the encoder was trained with: the mean of the grid through one linear layer.
package struct ImageClassifier: Sendable {
  /// [classes, channels]
  private let output: HalfLinear

  /// Number of classes.
  package var classes: Int { output.weight.outputs }

  /// Reads `classifier.weight` and `classifier.bias`.
  package init(from file: SafetensorsFile) throws(SafetensorsError) {
    guard let shape = file.shape(of: "classifier.weight"), shape.count == 2,
      shape[1] == EfficientNetLite.channels
    else {
      let found = file.shape(of: "classifier.weight").map { "has shape \($0)" } ?? "is missing"
      throw .damaged(path: file.path, reason: "tensor classifier.weight \(found)")
    }
    output = HalfLinear(
      weight: try file.matrix("classifier.weight", shape: shape),
      bias: try file.tensor("classifier.bias", shape: [shape[0]]))
  }

  /// Logits of the classes, in ImageNet's order.
  /// - Parameter features: [positions, channels]
  package func logits(_ features: UnsafePointer<Float>, positions: Int) -> [Float] {
    logits(mean: Self.mean(features, positions: positions))
  }

  /// Logits of the classes, in ImageNet's order.
  /// - Parameter mean: [channels], that of the grid
  package func logits(mean: [Float]) -> [Float] {
    precondition(mean.count == output.weight.inputs)
    var logits = [Float](repeating: 0, count: classes)
    output.forward(mean, rows: 1, into: &logits)
    return logits
  }

  /// The mean of a grid, or of several one after the other.
  /// - Parameter features: [positions, channels]
  /// - Returns: [channels]
  package static func mean(_ features: UnsafePointer<Float>, positions: Int) -> [Float] {
    let channels = EfficientNetLite.channels
    var mean = [Float](repeating: 0, count: channels)
    mean.withUnsafeMutableBufferPointer { sum in
      guard let sum = sum.baseAddress else { return }
      for position in 0..<positions { add(features + position * channels, to: sum, count: channels) }
      for channel in 0..<channels { sum[channel] /= Float(positions) }
    }
    return mean
  }
}
