import Foundation
import Networks
import Tensors

/// The layers of "Attention Is All You Need" (Vaswani et al. 2017), with the norms ahead of what they are for (Xiong et al. 2020).
/// As a decoder's core, each word attends over the words before it and itself, then over the values of all frames; as an encoder,
/// each over all words of its sentence. A word's embedding is as wide as the hidden states.
package struct Transformer<Matrix: WeightMatrix>: Sendable {
  /// Of the hidden states.
  package let width: Int
  package var layers: [TransformerLayer<Matrix>]
  package var norm: LayerNorm

  /// - Parameters:
  ///   - width: of the hidden states
  ///   - attention: of keys and queries, all heads together
  ///   - values: width of the values that each layer attends to after its own words; nil is an encoder, which has none
  ///   - linear: makes the layer of a name, with inputs and outputs
  ///   - norm: makes the norm of a name and width
  init<Failure: Error>(
    width: Int, attention: Int, values: Int?, _ sizes: TransformerSizes,
    linear: (String, Int, Int) throws(Failure) -> LinearLayer<Matrix>,
    norm: (String, Int) throws(Failure) -> LayerNorm
  ) throws(Failure) {
    func heads(_ name: String, over entries: Int) throws(Failure) -> MultiHeadAttention<Matrix> {
      MultiHeadAttention(
        heads: sizes.heads, width: attention, query: try linear(name + ".query", width, attention),
        key: try linear(name + ".key", entries, attention),
        value: try linear(name + ".value", entries, attention),
        output: try linear(name + ".output", attention, width))
    }
    self.width = width
    var layers: [TransformerLayer<Matrix>] = []
    for index in 0..<sizes.layers {
      let (wordsNorm, words) = (
        try norm("\(index).words.norm", width), try heads("\(index).words", over: width)
      )
      var (gridNorm, grid): (LayerNorm?, MultiHeadAttention<Matrix>?)
      if let values {
        gridNorm = try norm("\(index).grid.norm", width)
        grid = try heads("\(index).grid", over: values)
      }
      layers.append(
        TransformerLayer(
          wordsNorm: wordsNorm, words: words, gridNorm: gridNorm, grid: grid,
          feedNorm: try norm("\(index).feed.norm", width),
          inner: try linear("\(index).feed.inner", width, sizes.feedForward),
          outer: try linear("\(index).feed.outer", sizes.feedForward, width)))
    }
    self.layers = layers
    self.norm = try norm("norm", width)
  }

  /// - Parameter source: of the weights, see `DecoderNetwork`; `prefix` is put ahead of each name.
  init<Failure: Error>(
    width: Int, attention: Int, values: Int?, _ sizes: TransformerSizes, prefix: String,
    from source: WeightSource<Matrix, Failure>
  ) throws(Failure) {
    try self.init(
      width: width, attention: attention, values: values, sizes,
      linear: { (name, inputs, outputs) throws(Failure) in
        try source.linear(prefix + name, outputs, inputs)
      },
      norm: { (name, width) throws(Failure) in try source.norm(prefix + name, width) })
  }

  /// The positional encoding, which is added to a sentence's words (Vaswani et al. 2017, section 3.5): [count, width].
  func positionalEncoding(_ count: Int) -> Tensor {
    let width = width
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
  init(
    width: Int, attention: Int, values: Int?, _ sizes: TransformerSizes,
    using random: inout RandomGenerator?
  ) {
    var generator = random
    self.init(
      width: width, attention: attention, values: values, sizes,
      linear: { Linear(inputs: $1, outputs: $2, using: &generator) },
      norm: { _, width in LayerNorm(width: width) })
    random = generator
  }

  package var parameters: [Parameter<Transformer>] {
    layers.indices.flatMap { index in
      layers[index].parameters(of: "\(index)", at: \Transformer.layers[index])
    } + norm.parameters(of: "norm", at: \.norm)
  }
}

/// One layer: attention over the words, attention over the grid (not in an encoder), and two layers with a ReLU between them, each
/// added to what it is given.
package struct TransformerLayer<Matrix: WeightMatrix>: Sendable {
  package var wordsNorm: LayerNorm
  package var words: MultiHeadAttention<Matrix>
  package var gridNorm: LayerNorm?
  package var grid: MultiHeadAttention<Matrix>?
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
