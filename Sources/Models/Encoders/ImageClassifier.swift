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
  package func logits(_ features: Rows) -> [Float] {
    logits(mean: Self.mean(features))
  }

  /// Logits of the classes, in ImageNet's order.
  /// - Parameter mean: [channels], that of the grid
  package func logits(mean: [Float]) -> [Float] {
    precondition(mean.count == output.weight.inputs)
    return output.forward(mean)
  }

  /// The mean of a grid, or of several one after the other.
  /// - Parameter features: [positions, channels]
  /// - Returns: [channels]
  package static func mean(_ features: Rows) -> [Float] {
    let channels = features.columns
    return [Float](unsafeUninitializedCapacity: channels) { buffer, count in
      guard let base = buffer.baseAddress else { return }
      Networks.mean(features, into: base)
      count = channels
    }
  }
}
