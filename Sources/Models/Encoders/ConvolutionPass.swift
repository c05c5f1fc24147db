import Networks
import Tensors

/// Layers of the encoder forward and backward over a batch of pictures (Rumelhart, Hinton and Williams 1986), batch norm
/// folded in. Activations are [images, positions, channels]; each layer's are kept until the next forward pass. One for
/// each thread that calls it; that one's team runs it.
package final class ConvolutionPass {
  private let layers: [EfficientNetLite.Layer]
  private let images: Int
  private let arena = Arena()
  private let steps: [ConvolutionStep]
  /// Gradients of activations, of the largest one's size: what a layer reads, what it writes, and what a block keeps for
  /// its input.
  private var gradients: [UnsafeMutablePointer<Float>] = []
  private var x: UnsafePointer<Float>?

  /// - Parameters:
  ///   - layers: which begin with a block's first, the stem or the head
  ///   - extent: [height, width] of their input
  package init(_ layers: [EfficientNetLite.Layer], extent: [Int], images: Int) {
    precondition(images > 0 && !layers.isEmpty)
    (self.layers, self.images) = (layers, images)
    var extent = extent
    var steps: [ConvolutionStep] = []
    for layer in layers {
      steps.append(ConvolutionStep(layer, extent: extent, images: images, arena: arena))
      extent = Array(steps[steps.count - 1].window.reduced[1...])
    }
    self.steps = steps
    let largest = steps.map { max($0.window.positions * $0.inputs, $0.window.count * $0.outputs) }.max() ?? 0
    gradients = (0..<3).map { _ in arena.floats(images * largest) }
  }

  /// - Parameter x: [images, positions, channels], kept by the caller until `backward` is done
  /// - Returns: [images, positions, channels], valid until the next call
  package func forward(_ x: UnsafePointer<Float>, _ weights: EncoderWeights) -> UnsafePointer<Float> {
    precondition(weights.layers.count == layers.count)
    self.x = x
    var (value, blockInput) = (x, x)
    for (index, step) in steps.enumerated() {
      if layers[index].opensBlock { blockInput = value }
      step.forward(value, residual: blockInput, weights.layers[index])
      value = UnsafePointer(step.y)
    }
    return value
  }

  /// Adds to the gradients of the weights that `forward` was given.
  /// - Parameters:
  ///   - dy: gradient of its result
  ///   - dx: [images, positions, channels], that of its input, overwritten; nil if none is needed
  package func backward(
    _ dy: UnsafePointer<Float>, _ weights: EncoderWeights, gradient: inout EncoderWeights,
    into dx: UnsafeMutablePointer<Float>? = nil
  ) {
    guard let x, let last = steps.last else { preconditionFailure("a forward pass comes first") }
    var current = gradients[0]
    current.update(from: dy, count: images * last.window.count * last.outputs)
    if last.layer.clipped { relu6Backward(last.y, current, count: images * last.window.count * last.outputs) }
    var held: UnsafeMutablePointer<Float>?
    for (index, step) in steps.enumerated().reversed() {
      if step.layer.addsResidual { held = current }
      let free = gradients.first { $0 != current && $0 != held } ?? current
      let target = index == 0 ? dx : free
      let inputs = step.inputs
      // Each part of the rows has its own of all three.
      nonisolated(unsafe) let (given, joined) = (target, step.layer.opensBlock ? held : nil)
      // What the layer before it clipped lets no gradient through.
      nonisolated(unsafe) let before = index > 0 && layers[index - 1].clipped ? steps[index - 1].y : nil
      step.backward(
        index == 0 ? x : UnsafePointer(steps[index - 1].y), current, weights.layers[index],
        gradient: &gradient.layers[index], into: target
      ) { rows in
        guard let given else { return }
        let (offset, count) = (rows.lowerBound * inputs, rows.count * inputs)
        if let joined { add(joined + offset, to: given + offset, count: count) }
        if let before { relu6Backward(before + offset, given + offset, count: count) }
      }
      if step.layer.opensBlock { held = nil }
      if let target { current = target }
    }
  }
}
