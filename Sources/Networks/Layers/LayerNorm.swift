import CKernels
import Tensors

/// Layer normalisation (Ba et al. 2016): y = (x - mean) / √(variance + ε) · weight + bias, over each row.
package struct LayerNorm: Learned {
  /// [width]
  package var weight: Tensor
  /// [width]
  package var bias: Tensor
  /// ε
  package let epsilon: Float

  package init(weight: Tensor, bias: Tensor, epsilon: Float = 1e-5) {
    precondition(weight.shape.count == 1 && bias.shape == weight.shape)
    (self.weight, self.bias, self.epsilon) = (weight, bias, epsilon)
  }

  /// Weights 1, biases 0.
  package init(width: Int) {
    self.init(weight: Tensor(shape: [width]), bias: Tensor(shape: [width]))
    weight.fill(1)
  }

  package var width: Int { weight.count }

  package var parameters: [Parameter<LayerNorm>] {
    [Parameter("weight", \.weight), Parameter("bias", \.bias)]
  }

  /// - Parameters:
  ///   - x: [rows, width]
  ///   - y: [rows, width], overwritten
  ///   - statistics: [rows, 2], each row's mean and 1 / √(variance + ε), overwritten
  package func forward(_ x: Rows, into y: MutableRows, statistics: MutableRows) {
    precondition(x.columns == width && y.columns == width && statistics.columns == 2)
    precondition(x.rows == y.rows && x.rows <= statistics.rows)
    precondition(x.isDense && y.isDense && statistics.isDense)
    narrate_layer_norm_forward(
      x.base, weight.pointer, bias.pointer, y.base, statistics.base, x.rows, width, epsilon)
  }

  /// Adds to the gradients of weight and bias, and to that of the input.
  /// - Parameters:
  ///   - x, statistics: what `forward` was given and gave
  ///   - dy, dx: [rows, width]
  package func backward(
    _ x: Rows, _ dy: Rows, statistics: Rows, addingTo dx: MutableRows, gradient: inout LayerNorm
  ) {
    precondition(x.columns == width && dy.columns == width && dx.columns == width && statistics.columns == 2)
    precondition(x.rows == dy.rows && x.rows == dx.rows && x.rows <= statistics.rows)
    precondition(x.isDense && dy.isDense && dx.isDense && statistics.isDense)
    narrate_layer_norm_backward(
      x.base, statistics.base, weight.pointer, dy.base, dx.base, gradient.weight.mutablePointer,
      gradient.bias.mutablePointer, x.rows, width)
  }
}
