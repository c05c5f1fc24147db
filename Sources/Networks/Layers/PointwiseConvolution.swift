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
    _ x: UnsafePointer<Float>, rows: Int, weight: Tensor, bias: Tensor, clipped: Bool,
    residual: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>
  ) {
    precondition(residual == nil || !clipped)
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    // Each part writes its own rows.
    nonisolated(unsafe) let (x, weight, bias) = (x, weight.pointer, bias.pointer)
    nonisolated(unsafe) let (residual, y) = (residual, y)
    share(rows: rows, atOnce: rowsAtOnce) { range in
      let target = y + range.lowerBound * outputs
      multiply(
        x + range.lowerBound * inputs, weight, into: target, rows: range.count, columns: outputs,
        inner: inputs, transposeB: true)
      if clipped {
        narrate_bias_relu6(target, bias, range.count, outputs)
      } else {
        narrate_add_bias(target, bias, range.count, outputs)
      }
      if let residual { narrate_add(target, residual + range.lowerBound * outputs, range.count * outputs) }
    }
  }

  /// Sets the gradient of x.
  /// - Parameters:
  ///   - dy: [rows, outputs], before ReLU6
  ///   - dx: [rows, inputs], overwritten
  ///   - finish: what is done with rows of dx while they are in the cache
  package static func backward(
    _ dy: UnsafePointer<Float>, rows: Int, weight: Tensor, into dx: UnsafeMutablePointer<Float>,
    finish: @Sendable (Range<Int>) -> Void
  ) {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    // Each part writes its own rows.
    nonisolated(unsafe) let (dy, weight, dx) = (dy, weight.pointer, dx)
    share(rows: rows, atOnce: rowsAtOnce) { range in
      multiply(
        dy + range.lowerBound * outputs, weight, into: dx + range.lowerBound * inputs, rows: range.count,
        columns: inputs, inner: outputs)
      finish(range)
    }
  }

  /// Adds to the gradient of the weights, [outputs, inputs, 1, 1]. oneDNN may split the sum among threads: its last bits
  /// depend on how many there are.
  package static func backward(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, rows: Int, outputs: Int, inputs: Int,
    gradient: UnsafeMutablePointer<Float>
  ) {
    multiply(
      dy, x, into: gradient, rows: outputs, columns: inputs, inner: rows, transposeA: true, adding: true)
  }
}

/// Adds the sum over all rows of all images to a bias's gradient, an image at a time: the same for any number of threads.
/// - Parameters:
///   - dy: [images, rows, columns]
///   - scratch: [images, columns]
///   - gradient: [columns]
package func addRows(
  _ dy: UnsafePointer<Float>, images: Int, rows: Int, columns: Int, scratch: UnsafeMutablePointer<Float>,
  to gradient: UnsafeMutablePointer<Float>
) {
  scratch.update(repeating: 0, count: images * columns)
  // Each image has a row of the scratch memory.
  nonisolated(unsafe) let (dy, sums) = (dy, scratch)
  share(parts: images) { image in
    narrate_sum_rows(dy + image * rows * columns, sums + image * columns, rows, columns)
  }
  narrate_sum_rows(scratch, gradient, images, columns)
}

/// Stops the gradient where the output of ReLU6 is not between its limits.
package func relu6Backward(
  _ output: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, count: Int
) {
  narrate_relu6_backward(output, gradient, count)
}

/// min(max(x, 0), 6) of rows with a bias added, in place: [rows, columns].
package func biasRelu6(
  _ values: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>, rows: Int, columns: Int
) {
  narrate_bias_relu6(values, bias, rows, columns)
}
