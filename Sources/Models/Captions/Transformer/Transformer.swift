import Foundation
import Networks
import Tensors

/// The decoder of "Attention Is All You Need" (Vaswani et al. 2017) as a core, with the norms ahead of what they are for
/// (Xiong et al. 2020): each word attends over the words before it and itself, then over the values of all frames.
/// A word's embedding is as wide as the hidden states.
package struct Transformer<Matrix: WeightMatrix>: Sendable {
  package let sizes: DecoderSizes
  package var layers: [TransformerLayer<Matrix>]
  package var norm: LayerNorm

  /// - Parameters:
  ///   - linear: makes the layer of a name, with inputs and outputs
  ///   - norm: makes the norm of a name and width
  init<Failure: Error>(
    _ sizes: DecoderSizes, _ own: TransformerSizes,
    linear: (String, Int, Int) throws(Failure) -> LinearLayer<Matrix>,
    norm: (String, Int) throws(Failure) -> LayerNorm
  ) throws(Failure) {
    precondition(sizes.embedding == sizes.hidden)
    let (hidden, width) = (sizes.hidden, sizes.attention)
    func attention(_ name: String, over entries: Int) throws(Failure) -> MultiHeadAttention<Matrix> {
      MultiHeadAttention(
        heads: own.heads, width: width, query: try linear(name + ".query", hidden, width),
        key: try linear(name + ".key", entries, width), value: try linear(name + ".value", entries, width),
        output: try linear(name + ".output", width, hidden))
    }
    self.sizes = sizes
    var layers: [TransformerLayer<Matrix>] = []
    for index in 0..<own.layers {
      layers.append(
        TransformerLayer(
          wordsNorm: try norm("\(index).words.norm", hidden),
          words: try attention("\(index).words", over: hidden),
          gridNorm: try norm("\(index).grid.norm", hidden),
          grid: try attention("\(index).grid", over: sizes.projection),
          feedNorm: try norm("\(index).feed.norm", hidden),
          inner: try linear("\(index).feed.inner", hidden, own.feedForward),
          outer: try linear("\(index).feed.outer", own.feedForward, hidden)))
    }
    self.layers = layers
    self.norm = try norm("norm", hidden)
  }

  /// The positional encoding, which is added to a sentence's words (Vaswani et al. 2017, section 3.5): [count, hidden].
  func positionalEncoding(_ count: Int) -> Tensor {
    let width = sizes.hidden
    return Tensor(
      shape: [count, width],
      values: (0..<count * width).map { index in
        let (position, unit) = (index / width, index % width)
        let angle = Double(position) / pow(10_000, Double(unit / 2 * 2) / Double(width))
        return Float(unit % 2 == 0 ? sin(angle) : cos(angle))
      })
  }
}

extension Transformer: Learned where Matrix == Tensor {
  /// Random weights to start training from; without a generator, those that are random are zero.
  init(_ sizes: DecoderSizes, _ own: TransformerSizes, using random: inout RandomGenerator?) {
    var generator = random
    self.init(
      sizes, own, linear: { Linear(inputs: $1, outputs: $2, using: &generator) },
      norm: { _, width in LayerNorm(width: width) })
    random = generator
  }

  package var parameters: [Parameter<Transformer>] {
    layers.indices.flatMap { index in
      layers[index].parameters(of: "\(index)", at: \Transformer.layers[index])
    } + norm.parameters(of: "norm", at: \.norm)
  }
}

/// One layer: attention over the words, attention over the grid, and two layers with a ReLU between them, each added to what
/// it is given.
package struct TransformerLayer<Matrix: WeightMatrix>: Sendable {
  package var wordsNorm: LayerNorm
  package var words: MultiHeadAttention<Matrix>
  package var gridNorm: LayerNorm
  package var grid: MultiHeadAttention<Matrix>
  package var feedNorm: LayerNorm
  /// [feedForward, hidden]
  package var inner: LinearLayer<Matrix>
  /// [hidden, feedForward]
  package var outer: LinearLayer<Matrix>
}

extension TransformerLayer: Learned where Matrix == Tensor {
  package var parameters: [Parameter<TransformerLayer>] {
    wordsNorm.parameters(of: "words.norm", at: \.wordsNorm)
      + words.parameters(of: "words", at: \.words)
      + gridNorm.parameters(of: "grid.norm", at: \.gridNorm)
      + grid.parameters(of: "grid", at: \.grid)
      + feedNorm.parameters(of: "feed.norm", at: \.feedNorm)
      + inner.parameters(of: "feed.inner", at: \.inner) + outer.parameters(of: "feed.outer", at: \.outer)
  }
}
