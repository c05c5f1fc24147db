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
  package func forward(_ x: Rows, into y: MutableRows) {
    weight.multiply(x, bias: bias, into: y, adding: false)
  }

  /// One row's.
  /// - Parameter x: [inputs]
  /// - Returns: [outputs]
  package func forward(_ x: [Float]) -> [Float] {
    [Float](unsafeUninitializedCapacity: outputs) { buffer, count in
      guard let y = buffer.baseAddress else { return }
      x.withUnsafeBufferPointer {
        guard let x = $0.baseAddress else { return }
        forward(Rows(x, rows: 1, columns: $0.count), into: MutableRows(y, rows: 1, columns: outputs))
      }
      count = outputs
    }
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
    _ x: Rows, _ dy: Rows, into dx: MutableRows?, adding: Bool = false, gradient: inout Linear
  ) {
    precondition(dy.isDense && dy.columns == outputs)
    multiply(dy, x, into: gradient.weight.mutableRows, transposeA: true, adding: true)
    narrate_sum_rows(dy.base, gradient.bias.mutablePointer, dy.rows, outputs)
    if let dx { multiply(dy, weight.rows, into: dx, adding: adding) }
  }
}
