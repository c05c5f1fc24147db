import CKernels
import Compute
import Tensors

/// A convolution of 1 × 1, which is a product of matrices over all positions, with what follows it, done by rows while they
/// are in the cache. As fast as oneDNN's own primitives here, and its weights need no packing.
package enum PointwiseConvolution {
  /// Rows of a product: enough to make up for its packing of the weights.
  private static let rowsAtOnce = 512

  /// - Parameters:
  ///   - x: [rows, inputs]
  ///   - weight: [outputs, inputs, 1, 1]
  ///   - bias: [outputs]
  ///   - clipped: whether ReLU6 follows
  ///   - residual: [rows, outputs], to be added; only where nothing follows
  ///   - y: [rows, outputs], overwritten
  package static func forward(
    _ x: Rows, weight: Tensor, bias: Tensor, clipped: Bool, residual: Rows?, into y: MutableRows
  ) {
    precondition(x.rows == y.rows && bias.shape == [y.columns] && y.isDense)
    if let residual {
      precondition(!clipped && residual.isDense && (residual.rows, residual.columns) == (y.rows, y.columns))
    }
    // Each part writes its own rows.
    nonisolated(unsafe) let (x, weight, bias) = (x, matrix(weight), bias.pointer)
    nonisolated(unsafe) let (residual, y) = (residual, y)
    share(rows: x.rows, atOnce: rowsAtOnce) { range in
      let target = y[range]
      multiply(x[range], weight, into: target, transposeB: true)
      if clipped {
        narrate_bias_relu6(target.base, bias, target.rows, target.columns)
      } else {
        narrate_add_bias(target.base, bias, target.rows, target.columns)
      }
      if let residual { add(residual[range], to: target) }
    }
  }

  /// Sets the gradient of x.
  /// - Parameters:
  ///   - dy: [rows, outputs], before ReLU6
  ///   - dx: [rows, inputs], overwritten
  ///   - finish: what is done with rows of dx while they are in the cache
  package static func backward(
    _ dy: Rows, weight: Tensor, into dx: MutableRows, finish: @Sendable (Range<Int>) -> Void
  ) {
    precondition(dy.rows == dx.rows)
    // Each part writes its own rows.
    nonisolated(unsafe) let (dy, weight, dx) = (dy, matrix(weight), dx)
    share(rows: dy.rows, atOnce: rowsAtOnce) { range in
      multiply(dy[range], weight, into: dx[range])
      finish(range)
    }
  }

  /// Adds to the gradient of the weights, [outputs, inputs, 1, 1]. oneDNN may split the sum among threads: its last bits
  /// depend on how many there are.
  package static func backward(_ x: Rows, _ dy: Rows, gradient: inout Tensor) {
    precondition(gradient.shape == [dy.columns, x.columns, 1, 1])
    multiply(
      dy, x, into: MutableRows(gradient.mutablePointer, rows: dy.columns, columns: x.columns),
      transposeA: true, adding: true)
  }

  /// [outputs, inputs], of [outputs, inputs, 1, 1].
  private static func matrix(_ weight: Tensor) -> Rows {
    precondition(weight.shape.count == 4 && weight.shape[2...] == [1, 1])
    return Rows(weight.pointer, rows: weight.shape[0], columns: weight.shape[1])
  }
}

/// Adds the sum over all rows of all images to a bias's gradient, an image at a time: the same for any number of threads.
/// - Parameters:
///   - dy: [images * positions, columns]
///   - scratch: [images, columns], overwritten
///   - gradient: [columns]
package func addRows(_ dy: Rows, scratch: MutableRows, to gradient: inout Tensor) {
  let (images, columns) = (scratch.rows, scratch.columns)
  precondition(dy.isDense && dy.columns == columns && dy.rows % images == 0 && gradient.shape == [columns])
  scratch.fill(0)
  let positions = dy.rows / images
  // Each image has a row of the scratch memory.
  nonisolated(unsafe) let (dy, sums) = (dy, scratch)
  share(parts: images) { image in
    narrate_sum_rows(dy[image * positions], sums[image], positions, columns)
  }
  narrate_sum_rows(scratch.base, gradient.mutablePointer, images, columns)
}

/// Stops the gradient where the output of ReLU6 is not between its limits.
package func relu6Backward(_ output: Rows, _ gradient: MutableRows) {
  precondition(output.count == gradient.count && output.isDense && gradient.isDense)
  narrate_relu6_backward(output.base, gradient.base, output.count)
}

/// min(max(x, 0), 6) of rows with a bias added, in place.
/// - Parameter bias: [columns]
package func biasRelu6(_ values: MutableRows, bias: Tensor) {
  precondition(values.isDense && bias.shape == [values.columns])
  narrate_bias_relu6(values.base, bias.pointer, values.rows, values.columns)
}
