import CKernels
import Compute
import Tensors

/// A matrix of weights as layers use it, [outputs, inputs], whatever form its numbers are in: floats while they are learned,
/// half precision when captions are made.
package protocol WeightMatrix: Sendable {
  var outputs: Int { get }
  var inputs: Int { get }

  /// y = x Wᵀ + bias, or y += x Wᵀ.
  /// - Parameters:
  ///   - x: [rows, inputs]
  ///   - bias: [outputs], or nil
  ///   - y: [rows, outputs], overwritten
  ///   - adding: whether to add to `y` instead; takes no bias
  func multiply(
    _ x: UnsafePointer<Float>, rows: Int, bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>,
    adding: Bool)

  /// One output's weights.
  /// - Parameter row: [inputs], overwritten
  func copyRow(_ output: Int, into row: UnsafeMutablePointer<Float>)
}

extension HalfMatrix: WeightMatrix {}

extension Tensor: WeightMatrix {
  package var outputs: Int { shape[0] }
  package var inputs: Int { shape[1] }

  package func multiply(
    _ x: UnsafePointer<Float>, rows: Int, bias: UnsafePointer<Float>? = nil,
    into y: UnsafeMutablePointer<Float>, adding: Bool = false
  ) {
    precondition(!adding || bias == nil)
    Compute.multiply(
      x, pointer, into: y, rows: rows, columns: outputs, inner: inputs, transposeB: true, adding: adding)
    if let bias { narrate_add_bias(y, bias, rows, outputs) }
  }

  package func copyRow(_ output: Int, into row: UnsafeMutablePointer<Float>) {
    precondition(output >= 0 && output < outputs)
    row.update(from: pointer + output * inputs, count: inputs)
  }
}
