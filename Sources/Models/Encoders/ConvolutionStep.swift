import Compute
import Networks
import Tensors

/// A layer of the encoder within a training pass: where its windows stand, and the memory that its backward pass needs.
/// Activations are [images * positions, channels].
final class ConvolutionStep {
  private enum Kind {
    case pointwise
    case depthwise(DepthwiseConvolution)
    /// Over all channels: the stem.
    case full
  }

  let layer: EfficientNetLite.Layer
  let images: Int
  let window: SlidingWindow
  private let kind: Kind
  /// Result of `forward`, [images * windows, outputs].
  let y: MutableRows
  /// A depthwise layer's filters as its passes want them, the stem's unfolded windows.
  private let kept: MutableRows
  /// As large as a depthwise layer's filters.
  private let filterScratch: MutableRows
  /// [images, outputs]
  private let biasScratch: MutableRows

  var outputs: Int { layer.weightShape[0] }
  var inputs: Int { layer.weightShape[1] * layer.groups }

  /// - Parameter extent: [height, width] of its input
  init(_ layer: EfficientNetLite.Layer, extent: [Int], images: Int, arena: Arena) {
    let kernel = layer.weightShape[2]
    (self.layer, self.images) = (layer, images)
    window = SlidingWindow(
      same: extent, kernel: [kernel, kernel], stride: [layer.stride, layer.stride])
    let outputs = layer.weightShape[0]
    var (keptSize, filters) = ((rows: 0, columns: 0), (rows: 0, columns: 0))
    if layer.groups == outputs, layer.weightShape[1] == 1 {
      precondition(layer.clipped && !layer.addsResidual)
      let convolution = DepthwiseConvolution(window, images: images, channels: outputs)
      kind = .depthwise(convolution)
      (keptSize, filters) = (convolution.filterSize, convolution.filterSize)
    } else if kernel == 1, layer.stride == 1, layer.groups == 1 {
      kind = .pointwise
    } else {
      precondition(layer.groups == 1 && layer.clipped && !layer.addsResidual)
      kind = .full
      keptSize = (images * window.count, window.parts * layer.weightShape[1])
    }
    y = arena.rows(images * window.count, outputs)
    kept = arena.rows(keptSize.rows, keptSize.columns)
    filterScratch = arena.rows(filters.rows, filters.columns)
    biasScratch = arena.rows(images, outputs)
  }

  /// - Parameters:
  ///   - x: [images * positions, inputs]
  ///   - residual: [images * positions, outputs], where the layer adds one
  func forward(_ x: Rows, residual: Rows?, _ weights: EncoderWeights.Layer) {
    precondition(weights.weight.shape == layer.weightShape && weights.bias.shape == [outputs])
    switch kind {
    case .pointwise:
      PointwiseConvolution.forward(
        x, weight: weights.weight, bias: weights.bias, clipped: layer.clipped,
        residual: layer.addsResidual ? residual : nil, into: y)
    case .depthwise(let convolution):
      convolution.arrange(weights.weight, into: kept)
      convolution.forward(x, filters: Rows(kept), bias: weights.bias, into: y)
    case .full:
      var convolution = unfolded
      eachUnfolded { convolution.kernel.weight.mutablePointer[$1] = weights.weight.pointer[$0] }
      convolution.forward(x, window, columns: kept, into: y)
      // Each part writes its own rows.
      nonisolated(unsafe) let y = y
      share(rows: y.rows, atOnce: window.reduced[1]) { biasRelu6(y[$0], bias: weights.bias) }
    }
  }

  /// Adds to the gradients of weights and bias, and sets that of x.
  /// - Parameters:
  ///   - x: what `forward` was given
  ///   - dy: gradient of y before ReLU6
  ///   - dx: [images * positions, inputs], overwritten; nil if the input needs none
  ///   - finish: what is done with rows of dx while they are in the cache
  func backward(
    _ x: Rows, _ dy: Rows, _ weights: EncoderWeights.Layer, gradient: inout EncoderWeights.Layer,
    into dx: MutableRows?, finish: @Sendable (Range<Int>) -> Void
  ) {
    addRows(dy, scratch: biasScratch, to: &gradient.bias)
    switch kind {
    case .pointwise:
      PointwiseConvolution.backward(x, dy, gradient: &gradient.weight)
      if let dx { PointwiseConvolution.backward(dy, weight: weights.weight, into: dx, finish: finish) }
    case .depthwise(let convolution):
      convolution.backward(x, dy, scratch: filterScratch, gradient: &gradient.weight)
      if let dx { convolution.backward(dy, filters: Rows(kept), into: dx, finish: finish) }
    case .full:
      precondition(dx == nil, "nothing is learned before the stem")
      var sum = unfolded
      unfolded.backward(Rows(kept), dy, gradient: &sum)
      eachUnfolded { gradient.weight.mutablePointer[$0] += sum.kernel.weight.pointer[$1] }
    }
  }

  /// The stem as a product with unfolded windows, its weights zero and its bias left to ReLU6.
  private var unfolded: Convolution {
    var none: RandomGenerator?
    return Convolution(channels: inputs, outputs: outputs, parts: window.parts, using: &none)
  }

  /// Each weight's index in [outputs, inputs, kernel, kernel] and in [outputs, kernel * kernel * inputs].
  private func eachUnfolded(_ body: (_ index: Int, _ unfolded: Int) -> Void) {
    for output in 0..<outputs {
      for input in 0..<inputs {
        for part in 0..<window.parts {
          body(
            (output * inputs + input) * window.parts + part, (output * window.parts + part) * inputs + input)
        }
      }
    }
  }
}
