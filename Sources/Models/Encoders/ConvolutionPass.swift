import Networks
import Tensors

/// Layers of the encoder forward and backward over a batch of pictures (Rumelhart, Hinton and Williams 1986), batch norm
/// folded in. Activations are [images * positions, channels]; each layer's are kept until the next forward pass. One for
/// each thread that calls it; that one's team runs it.
package final class ConvolutionPass {
  private let layers: [EfficientNetLite.Layer]
  private let images: Int
  private let arena = Arena()
  private let steps: [ConvolutionStep]
  /// Gradients of activations, of the largest one's size: what a layer reads, what it writes, and what a block keeps for
  /// its input.
  private let gradients: [MutableRows]
  private var x: Rows?

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
      extent = steps[steps.count - 1].window.reduced
    }
    self.steps = steps
    let largest = steps.map { max($0.window.positions * $0.inputs, $0.window.count * $0.outputs) }.max() ?? 0
    gradients = (0..<3).map { [arena] _ in arena.rows(images, largest) }
  }

  /// - Parameter x: [images * positions, channels], kept by the caller until `backward` is done
  /// - Returns: [images * positions, channels], valid until the next call
  package func forward(_ x: Rows, _ weights: EncoderWeights) -> Rows {
    precondition(weights.layers.count == layers.count)
    self.x = x
    var (value, blockInput) = (x, x)
    for (index, step) in steps.enumerated() {
      if layers[index].opensBlock { blockInput = value }
      step.forward(value, residual: blockInput, weights.layers[index])
      value = Rows(step.y)
    }
    return value
  }

  /// Adds to the gradients of the weights that `forward` was given.
  /// - Parameters:
  ///   - dy: gradient of its result
  ///   - dx: [images * positions, channels], that of its input, overwritten; nil if none is needed
  package func backward(
    _ dy: Rows, _ weights: EncoderWeights, gradient: inout EncoderWeights, into dx: MutableRows? = nil
  ) {
    guard let x, let last = steps.last else { preconditionFailure("a forward pass comes first") }
    var current = gradients[0].reshaped(rows: last.y.rows, columns: last.y.columns)
    current.copy(from: dy)
    if last.layer.clipped { relu6Backward(Rows(last.y), current) }
    var held: MutableRows?
    for (index, step) in steps.enumerated().reversed() {
      if step.layer.addsResidual { held = current }
      let free = gradients.first { $0.base != current.base && $0.base != held?.base } ?? gradients[0]
      let input = index == 0 ? x : Rows(steps[index - 1].y)
      let target = index == 0 ? dx : free.reshaped(rows: input.rows, columns: input.columns)
      // Each part of the rows has its own of all three.
      nonisolated(unsafe) let (given, joined) = (target, step.layer.opensBlock ? held : nil)
      // What the layer before it clipped lets no gradient through.
      nonisolated(unsafe) let before = index > 0 && layers[index - 1].clipped ? input : nil
      step.backward(
        input, Rows(current), weights.layers[index], gradient: &gradient.layers[index], into: target
      ) { rows in
        guard let given else { return }
        if let joined { add(Rows(joined[rows]), to: given[rows]) }
        if let before { relu6Backward(before[rows], given[rows]) }
      }
      if step.layer.opensBlock { held = nil }
      if let target { current = target }
    }
  }
}
