import Networks
import Tensors

/// A Transformer over a picture's patches ("An Image is Worth 16x16 Words", Dosovitskiy et al. 2021), with the norms ahead of what
/// they are for.
package struct VisionTransformer: Sendable {
  package typealias Matrix = FixedMatrix
  package typealias Sizes = CheckpointConfiguration.Encoder

  struct Layer: Sendable {
    let attentionNorm: LayerNorm
    let attention: MultiHeadAttention<Matrix>
    let feedNorm: LayerNorm
    let inner, outer: LinearLayer<Matrix>
  }

  package let sizes: Sizes
  /// [width, 3 * patch * patch]
  let patches: LinearLayer<Matrix>
  /// [width], what stands for the whole picture at first
  let whole: Tensor
  /// [tokens, width]
  let positions: Tensor
  let firstNorm: LayerNorm?
  let layers: [Layer]
  let norm: LayerNorm

  /// Weights from a source, under `encoder`.
  init<Failure>(_ sizes: Sizes, from source: WeightSource<Matrix, Failure>) throws(Failure) {
    self.sizes = sizes
    let width = sizes.width
    func norm(_ name: String) throws(Failure) -> LayerNorm {
      try source.norm("encoder." + name, width, sizes.epsilon)
    }
    func linear(_ name: String, _ outputs: Int, _ inputs: Int) throws(Failure) -> LinearLayer<Matrix> {
      try source.linear("encoder." + name, outputs, inputs)
    }
    patches = try linear("patches", width, sizes.patchValues)
    whole = try source.tensor("encoder.whole", [width])
    positions = try source.tensor("encoder.positions", [sizes.tokens, width])
    firstNorm = sizes.normsFirst ? try norm("first_norm") : nil
    var layers: [Layer] = []
    for index in 0..<sizes.layers {
      layers.append(
        Layer(
          attentionNorm: try norm("\(index).attention_norm"),
          attention: try source.attention("encoder.\(index).attention", heads: sizes.heads, width),
          feedNorm: try norm("\(index).feed_norm"),
          inner: try linear("\(index).inner", sizes.feedForward, width),
          outer: try linear("\(index).outer", width, sizes.feedForward)))
    }
    self.layers = layers
    self.norm = try norm("norm")
  }
}

/// A picture's tokens in the making: memory for one picture, all in place. One for each worker.
package final class VisionPass {
  private let network: VisionTransformer
  private let memory = Arena()
  /// [patches, 3 * patch * patch], what to write before `run`
  package let patches: MutableRows
  /// [tokens, width]
  private let x, normed, part, statistics: MutableRows
  /// [tokens, feedForward]
  private let feed: MutableRows
  private let trace: MultiHeadAttention<FixedMatrix>.Trace

  package init(_ network: VisionTransformer) {
    self.network = network
    let sizes = network.sizes
    let (tokens, width) = (sizes.tokens, sizes.width)
    patches = memory.rows(tokens - 1, sizes.patchValues)
    (x, normed, part) = (memory.rows(tokens, width), memory.rows(tokens, width), memory.rows(tokens, width))
    statistics = memory.rows(tokens, 2)
    feed = memory.rows(tokens, sizes.feedForward)
    trace = .init(rows: tokens, entries: tokens, most: 0, heads: sizes.heads, width: width, memory)
  }

  /// From patches to tokens, by the calling thread's team.
  /// - Returns: [tokens, width], the whole picture's first; valid until the next call
  package func run() -> Rows {
    let tokens = x.rows
    network.patches.forward(Rows(patches), into: x[1..<tokens])
    x[0].update(from: network.whole.pointer, count: x.columns)
    add(network.positions.rows, to: x)
    if let norm = network.firstNorm {
      norm.forward(Rows(x), into: normed, statistics: statistics)
      x.copy(from: Rows(normed))
    }
    for layer in network.layers { run(layer) }
    network.norm.forward(Rows(x), into: normed, statistics: statistics)
    return Rows(normed)
  }

  private func run(_ layer: VisionTransformer.Layer) {
    layer.attentionNorm.forward(Rows(x), into: normed, statistics: statistics)
    layer.attention.remember(Rows(normed), in: trace)
    layer.attention.attendToAll(Rows(normed), entries: 0..<x.rows, trace: trace, into: part)
    add(Rows(part), to: x)
    layer.feedNorm.forward(Rows(x), into: normed, statistics: statistics)
    layer.inner.forward(Rows(normed), into: feed)
    network.sizes.activation.apply(to: feed)
    layer.outer.forward(Rows(feed), into: part)
    add(Rows(part), to: x)
  }
}
