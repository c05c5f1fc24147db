import CKernels
import Compute
import Tensors

/// A matrix of weights as layers use it, [outputs, inputs], whatever form its numbers are in: floats while they are learned,
/// fewer bits when captions are made.
package protocol WeightMatrix: Sendable {
  var outputs: Int { get }
  var inputs: Int { get }

  /// y = x Wᵀ + bias, or y += x Wᵀ.
  /// - Parameters:
  ///   - x: [rows, inputs]
  ///   - bias: [outputs], or nil
  ///   - y: [rows, outputs], overwritten
  ///   - adding: whether to add to `y` instead; takes no bias
  func multiply(_ x: Rows, bias: Tensor?, into y: MutableRows, adding: Bool)

  /// One output's weights.
  /// - Parameter row: [inputs], overwritten
  func copyRow(_ output: Int, into row: UnsafeMutablePointer<Float>)
}

extension HalfMatrix: WeightMatrix {}

/// Weights that captions are made with, in the numbers that were asked for.
package enum FixedMatrix: WeightMatrix {
  case half(HalfMatrix)
  case bytes(ByteMatrix)
  case packed(PackedMatrix)

  package var outputs: Int {
    switch self {
    case .half(let matrix): matrix.outputs
    case .bytes(let matrix): matrix.outputs
    case .packed(let matrix): matrix.outputs
    }
  }

  package var inputs: Int {
    switch self {
    case .half(let matrix): matrix.inputs
    case .bytes(let matrix): matrix.inputs
    case .packed(let matrix): matrix.inputs
    }
  }

  package func multiply(_ x: Rows, bias: Tensor?, into y: MutableRows, adding: Bool) {
    switch self {
    case .half(let matrix): matrix.multiply(x, bias: bias, into: y, adding: adding)
    case .bytes(let matrix): matrix.multiply(x, bias: bias, into: y, adding: adding)
    case .packed(let matrix):
      precondition(!adding)
      matrix.multiply(x, bias: bias, into: y)
    }
  }

  package func copyRow(_ output: Int, into row: UnsafeMutablePointer<Float>) {
    guard case .half(let matrix) = self else { preconditionFailure("only tables of rows are read") }
    matrix.copyRow(output, into: row)
  }
}

extension Tensor: WeightMatrix {
  package var outputs: Int { shape[0] }
  package var inputs: Int { shape[1] }

  package func multiply(_ x: Rows, bias: Tensor? = nil, into y: MutableRows, adding: Bool = false) {
    precondition(!adding || bias == nil)
    Compute.multiply(x, rows, into: y, transposeB: true, adding: adding)
    guard let bias else { return }
    precondition(y.isDense && bias.count == outputs)
    narrate_add_bias(y.base, bias.pointer, y.rows, outputs)
  }

  package func copyRow(_ output: Int, into row: UnsafeMutablePointer<Float>) {
    precondition(output >= 0 && output < outputs)
    row.update(from: rows[output], count: inputs)
  }
}
