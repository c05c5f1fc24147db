import Networks
import Tensors

/// The ImageNet classifier that the encoder was trained with: the mean of the grid through one linear layer.
package struct ImageClassifier: Sendable {
  /// [classes, channels]
  private let output: Linear

  /// Reads `classifier.weight` and `classifier.bias`.
  package init(from file: SafetensorsFile) throws(SafetensorsError) {
    let weight = try file.tensor("classifier.weight")
    guard weight.shape.count == 2, weight.shape[1] == EfficientNetLite.channels else {
      throw .damaged(path: file.path, reason: "tensor classifier.weight has shape \(weight.shape)")
    }
    output = Linear(weight: weight, bias: try file.tensor("classifier.bias", shape: [weight.shape[0]]))
  }

  /// Logits of the classes, in ImageNet's order.
  /// - Parameter features: [positions, channels]
  package func logits(_ features: UnsafePointer<Float>, positions: Int) -> [Float] {
    var mean = Tensor(shape: [output.inputs])
    let sum = mean.mutablePointer
    for position in 0..<positions { add(features + position * output.inputs, to: sum, count: output.inputs) }
    for channel in 0..<output.inputs { sum[channel] /= Float(positions) }
    var logits = Tensor(shape: [output.outputs])
    output.forward(mean.pointer, rows: 1, into: logits.mutablePointer)
    return logits.values
  }
}
