import CKernels
import Compute
import Tensors

/// y = x Wᵀ + b, whatever form W is in.
package struct LinearLayer<Matrix: WeightMatrix>: Sendable {
  /// [outputs, inputs]
  package var weight: Matrix
  /// [outputs]
  package var bias: Tensor

  /// - Precondition: `weight` is [outputs, inputs], `bias` [outputs].
  package init(weight: Matrix, bias: Tensor) {
    precondition(bias.shape == [weight.outputs])
    (self.weight, self.bias) = (weight, bias)
  }

  package var outputs: Int { weight.outputs }
  package var inputs: Int { weight.inputs }

  /// - Parameters:
  ///   - x: [rows, inputs]
  ///   - y: [rows, outputs], overwritten
  package func forward(_ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>) {
    weight.multiply(x, rows: rows, bias: bias.pointer, into: y, adding: false)
  }
}

/// A layer that learns.
package typealias Linear = LinearLayer<Tensor>

/// A layer with its weights in half precision, for few rows: see `HalfMatrix`.
package typealias HalfLinear = LinearLayer<HalfMatrix>

extension LinearLayer: Learned where Matrix == Tensor {
  /// Weights and bias uniform within ±1/√inputs.
  package init(inputs: Int, outputs: Int, using random: inout RandomGenerator?) {
    let bound = 1 / Float(inputs).squareRoot()
    self.init(
      weight: Tensor(shape: [outputs, inputs], uniform: bound, using: &random),
      bias: Tensor(shape: [outputs], uniform: bound, using: &random))
  }

  package var parameters: [Parameter<Linear>] {
    [Parameter("weight", \.weight), Parameter("bias", \.bias)]
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
