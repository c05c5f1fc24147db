import CKernels
import Compute
import Tensors

/// y = x Wᵀ + b, whatever form W is in.
package protocol LinearLayer: Sendable {
  /// - Parameters:
  ///   - x: [rows, inputs]
  ///   - y: [rows, outputs], overwritten
  func forward(_ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>)
}

/// y = x Wᵀ + b.
package struct Linear: Parameterized, LinearLayer {
  /// [outputs, inputs]
  package var weight: Tensor
  /// [outputs]
  package var bias: Tensor

  /// - Precondition: `weight` is [outputs, inputs], `bias` [outputs].
  package init(weight: Tensor, bias: Tensor) {
    precondition(weight.shape.count == 2 && bias.shape == [weight.shape[0]])
    (self.weight, self.bias) = (weight, bias)
  }

  /// Weights and bias uniform within ±1/√inputs.
  package init(inputs: Int, outputs: Int, using random: inout RandomGenerator?) {
    let bound = 1 / Float(inputs).squareRoot()
    self.init(
      weight: Tensor(shape: [outputs, inputs], uniform: bound, using: &random),
      bias: Tensor(shape: [outputs], uniform: bound, using: &random))
  }

  package var outputs: Int { weight.shape[0] }
  package var inputs: Int { weight.shape[1] }

  package static var parameters: [Parameter<Linear>] {
    [Parameter("weight", \.weight), Parameter("bias", \.bias)]
  }

  /// - Parameters:
  ///   - x: [rows, inputs]
  ///   - y: [rows, outputs], overwritten
  package func forward(_ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>) {
    multiply(x, weight.pointer, into: y, rows: rows, columns: outputs, inner: inputs, transposeB: true)
    addBias(y, rows: rows)
  }

  /// Adds the bias to each row of `y`, [rows, outputs].
  package func addBias(_ y: UnsafeMutablePointer<Float>, rows: Int) {
    narrate_add_bias(y, bias.pointer, rows, outputs)
  }

  /// Adds to the gradients of weight and bias, and sets or adds to that of the input.
  /// - Parameters:
  ///   - x: [rows, inputs], what `forward` was given
  ///   - dy: [rows, outputs]
  ///   - dx: [rows, inputs], or nil if the input needs none
  ///   - adding: whether to add to `dx`
  package func backward(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, rows: Int, into dx: UnsafeMutablePointer<Float>?,
    adding: Bool = false, gradient: inout Linear
  ) {
    multiply(
      dy, x, into: gradient.weight.mutablePointer, rows: outputs, columns: inputs, inner: rows,
      transposeA: true,
      adding: true)
    narrate_sum_rows(dy, gradient.bias.mutablePointer, rows, outputs)
    if let dx {
      multiply(dy, weight.pointer, into: dx, rows: rows, columns: inputs, inner: outputs, adding: adding)
    }
  }
}
