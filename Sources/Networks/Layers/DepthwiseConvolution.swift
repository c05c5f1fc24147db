import CKernels
import Compute
import Tensors

/// One filter of its own for each channel of a batch of pictures, then ReLU6. Channels are a multiple of eight.
///
/// Kernels of our own: of oneDNN's for AVX2, the weights' gradient of 5 × 5 filters runs at a hundredth of the machine's peak.
package struct DepthwiseConvolution: Sendable {
  private let geometry: narrate_depthwise

  /// - Parameter window: over pictures, its kernel a square and its strides equal
  package init(_ window: SlidingWindow, images: Int, channels: Int) {
    precondition(channels % Int(NARRATE_DEPTHWISE_LANES) == 0, "\(channels) channels")
    precondition(window.kernel == [1, window.kernel[1], window.kernel[1]])
    precondition(window.stride[1] == window.stride[2])
    geometry = narrate_depthwise(
      images: images, channels: channels, height: window.extent[1], width: window.extent[2],
      rows: window.reduced[1], columns: window.reduced[2], kernel: window.kernel[1],
      stride: window.stride[1], top: window.before[1], left: window.before[2])
  }

  private var taps: Int { geometry.kernel * geometry.kernel }
  /// Floats of the filters as the passes want them.
  package var filterCount: Int { taps * geometry.channels }

  /// From [channels, 1, kernel, kernel] to [kernel, kernel, channels].
  package func arrange(_ weight: Tensor, into filters: UnsafeMutablePointer<Float>) {
    precondition(weight.shape == [geometry.channels, 1, geometry.kernel, geometry.kernel])
    let weight = weight.pointer
    for channel in 0..<geometry.channels {
      for tap in 0..<taps { filters[tap * geometry.channels + channel] = weight[channel * taps + tap] }
    }
  }

  /// - Parameters:
  ///   - x: [images, height, width, channels]
  ///   - filters: what `arrange` made
  ///   - y: [images, rows, columns, channels], overwritten; after ReLU6
  package func forward(
    _ x: UnsafePointer<Float>, filters: UnsafePointer<Float>, bias: Tensor,
    into y: UnsafeMutablePointer<Float>
  ) {
    precondition(bias.shape == [geometry.channels])
    // Each part writes its own row.
    nonisolated(unsafe) let (x, filters, bias, y) = (x, filters, bias.pointer, y)
    share(parts: geometry.images * geometry.rows) { row in
      withUnsafePointer(to: geometry) { narrate_depthwise_relu6($0, x, filters, bias, y, row, row + 1) }
    }
  }

  /// Sets the gradient of x.
  /// - Parameters:
  ///   - dy: gradient of y before ReLU6
  ///   - dx: [images, height, width, channels], overwritten
  ///   - finish: what is done with rows of dx while they are in the cache, told which of all images' positions
  package func backward(
    _ dy: UnsafePointer<Float>, filters: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
    finish: @Sendable (Range<Int>) -> Void
  ) {
    // Each part writes its own row.
    nonisolated(unsafe) let (dy, filters, dx) = (dy, filters, dx)
    share(parts: geometry.images * geometry.height) { row in
      withUnsafePointer(to: geometry) { narrate_depthwise_backward_data($0, dy, filters, dx, row, row + 1) }
      finish(row * geometry.width..<(row + 1) * geometry.width)
    }
  }

  /// Adds to the gradient of the weights; a channel's sum does not depend on the threads.
  /// - Parameters:
  ///   - x: what `forward` was given
  ///   - dy: gradient of y before ReLU6
  ///   - scratch: `filterCount` floats
  ///   - gradient: [channels, 1, kernel, kernel]
  package func backward(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>,
    gradient: UnsafeMutablePointer<Float>
  ) {
    let (channels, block) = (geometry.channels, Int(NARRATE_DEPTHWISE_BLOCK))
    scratch.update(repeating: 0, count: filterCount)
    // Each part writes its own channels.
    nonisolated(unsafe) let (x, dy, sums) = (x, dy, scratch)
    share(parts: (channels + block - 1) / block) { part in
      let first = part * block
      withUnsafePointer(to: geometry) {
        narrate_depthwise_backward_weights($0, x, dy, sums, first, min(first + block, channels))
      }
    }
    for channel in 0..<channels {
      for tap in 0..<taps { gradient[channel * taps + tap] += scratch[tap * channels + channel] }
    }
  }
}
