import Compute
import Tensors

/// y = x Wᵀ + b with the weights in half precision, for few rows. See `HalfMatrix`.
package struct HalfLinear: LinearLayer {
  /// [outputs, inputs]
  package let weight: HalfMatrix
  /// [outputs]
  package let bias: Tensor

  package init(weight: HalfMatrix, bias: Tensor) {
    precondition(bias.shape == [weight.outputs])
    (self.weight, self.bias) = (weight, bias)
  }

  /// - Parameters:
  ///   - x: [rows, inputs]
  ///   - y: [rows, outputs], overwritten
  package func forward(_ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>) {
    weight.multiply(x, rows: rows, bias: bias.pointer, into: y)
  }
}
