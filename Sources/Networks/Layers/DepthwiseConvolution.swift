import CKernels
import Compute
import Tensors

/// One filter of its own for each channel of a batch of pictures, then ReLU6. Channels are a multiple of eight.
///
/// Kernels of our own: of oneDNN's for AVX2, the weights' gradient of 5 × 5 filters runs at a hundredth of the machine's peak.
package struct DepthwiseConvolution: Sendable {
  private let geometry: narrate_depthwise

  /// - Parameter window: its kernel a square and its strides equal
  package init(_ window: SlidingWindow, images: Int, channels: Int) {
    precondition(channels % Int(NARRATE_DEPTHWISE_LANES) == 0, "\(channels) channels")
    precondition(window.kernel[0] == window.kernel[1] && window.stride[0] == window.stride[1])
    geometry = narrate_depthwise(
      images: images, channels: channels, height: window.extent[0], width: window.extent[1],
      rows: window.reduced[0], columns: window.reduced[1], kernel: window.kernel[0],
      stride: window.stride[0], top: window.before[0], left: window.before[1])
  }

  private var taps: Int { geometry.kernel * geometry.kernel }
  /// Rows and columns of the filters as the passes want them, [kernel * kernel, channels].
  package var filterSize: (rows: Int, columns: Int) { (taps, geometry.channels) }

  /// From [channels, 1, kernel, kernel] to [kernel * kernel, channels].
  package func arrange(_ weight: Tensor, into filters: MutableRows) {
    precondition(weight.shape == [geometry.channels, 1, geometry.kernel, geometry.kernel])
    check(filters: Rows(filters))
    let weight = weight.pointer
    for channel in 0..<geometry.channels {
      for tap in 0..<taps { filters[tap][channel] = weight[channel * taps + tap] }
    }
  }

  /// - Parameters:
  ///   - x: [images * height * width, channels]
  ///   - filters: what `arrange` made
  ///   - y: [images * rows * columns, channels], overwritten; after ReLU6
  package func forward(_ x: Rows, filters: Rows, bias: Tensor, into y: MutableRows) {
    precondition(bias.shape == [geometry.channels])
    check(x, Rows(y))
    check(filters: filters)
    // Each part writes its own row.
    nonisolated(unsafe) let (x, filters, bias, y) = (x.base, filters.base, bias.pointer, y.base)
    share(parts: geometry.images * geometry.rows) { row in
      withUnsafePointer(to: geometry) { narrate_depthwise_relu6($0, x, filters, bias, y, row, row + 1) }
    }
  }

  /// Sets the gradient of x.
  /// - Parameters:
  ///   - dy: gradient of y before ReLU6
  ///   - dx: [images * height * width, channels], overwritten
  ///   - finish: what is done with rows of dx while they are in the cache, told which
  package func backward(
    _ dy: Rows, filters: Rows, into dx: MutableRows, finish: @Sendable (Range<Int>) -> Void
  ) {
    check(Rows(dx), dy)
    check(filters: filters)
    // Each part writes its own row.
    nonisolated(unsafe) let (dy, filters, dx) = (dy.base, filters.base, dx.base)
    share(parts: geometry.images * geometry.height) { row in
      withUnsafePointer(to: geometry) { narrate_depthwise_backward_data($0, dy, filters, dx, row, row + 1) }
      finish(row * geometry.width..<(row + 1) * geometry.width)
    }
  }

  /// Adds to the gradient of the weights; a channel's sum does not depend on the threads.
  /// - Parameters:
  ///   - x: what `forward` was given
  ///   - dy: gradient of y before ReLU6
  ///   - scratch: as large as the filters, overwritten
  ///   - gradient: [channels, 1, kernel, kernel]
  package func backward(_ x: Rows, _ dy: Rows, scratch: MutableRows, gradient: inout Tensor) {
    check(x, dy)
    check(filters: Rows(scratch))
    precondition(gradient.count == scratch.count)
    let (channels, block) = (geometry.channels, Int(NARRATE_DEPTHWISE_BLOCK))
    scratch.fill(0)
    // Each part writes its own channels.
    nonisolated(unsafe) let (x, dy, sums) = (x.base, dy.base, scratch.base)
    share(parts: (channels + block - 1) / block) { part in
      let first = part * block
      withUnsafePointer(to: geometry) {
        narrate_depthwise_backward_weights($0, x, dy, sums, first, min(first + block, channels))
      }
    }
    let gradient = gradient.mutablePointer
    for channel in 0..<channels {
      for tap in 0..<taps { gradient[channel * taps + tap] += scratch[tap][channel] }
    }
  }

  private func check(filters: Rows) {
    precondition(filters.isDense && (filters.rows, filters.columns) == filterSize)
  }

  /// - Parameters:
  ///   - x: input or its gradient
  ///   - y: output or its gradient
  private func check(_ x: Rows, _ y: Rows) {
    precondition(x.isDense && y.isDense && x.columns == geometry.channels && y.columns == geometry.channels)
    precondition(x.rows == geometry.images * geometry.height * geometry.width)
    precondition(y.rows == geometry.images * geometry.rows * geometry.columns)
  }
}
