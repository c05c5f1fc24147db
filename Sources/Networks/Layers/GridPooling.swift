import CKernels
import Tensors

/// From the logits of a grid's cells to those of the picture: half their mean, half log(mean of e^(sharpness x)) / sharpness, which
/// is between mean and largest, so that a thing counts that is seen in a small part of the picture (after Zhu and Wu 2021,
/// "Residual Attention", and Pinheiro and Collobert 2015, "From Image-level to Pixel-level Labeling").
package enum GridPooling {
  private static let sharpness: Float = 2

  /// - Parameters:
  ///   - x: [cells, classes]
  ///   - sharp: [classes], the second half, which `backward` needs; overwritten
  ///   - pooled: [classes], overwritten
  package static func forward(
    _ x: Rows, sharp: UnsafeMutablePointer<Float>, into pooled: UnsafeMutablePointer<Float>
  ) {
    precondition(x.isDense && x.rows > 0)
    narrate_log_mean_exp(x.base, sharp, x.rows, x.columns, sharpness)
    mean(x, into: pooled)
    for column in 0..<x.columns { pooled[column] = (pooled[column] + sharp[column]) / 2 }
  }

  /// - Parameters:
  ///   - x: [cells, classes], what `forward` was given; becomes its gradient
  ///   - sharp: [classes], what `forward` made of it
  ///   - gradient: [classes], that of `pooled`
  package static func backward(
    _ x: MutableRows, sharp: UnsafePointer<Float>, gradient: UnsafePointer<Float>
  ) {
    precondition(x.isDense && x.rows > 0)
    narrate_grid_pooling_backward(x.base, sharp, gradient, x.rows, x.columns, sharpness)
  }
}
