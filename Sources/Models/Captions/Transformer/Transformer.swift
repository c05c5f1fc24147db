import Foundation
import Networks
import Tensors

/// Sizes of a Transformer, beside those that all decoders have.
package struct TransformerSizes: Codable, Equatable, Sendable {
  package var layers: Int
  /// Of each attention; they share `CaptionDecoder.Sizes.attention`.
  package var heads: Int
  /// Units of the layers between.
  package var feedForward: Int

  package init(layers: Int, heads: Int, feedForward: Int) {
    (self.layers, self.heads, self.feedForward) = (layers, heads, feedForward)
  }
}

extension CaptionDecoder.Sizes {
  /// Whether the sizes of a Transformer, if it is one, go with each other.
  package var isTransformerSound: Bool {
    guard let transformer else { return true }
    let numbers = [transformer.layers, transformer.heads, transformer.feedForward]
    return numbers.allSatisfy { (1...65_536).contains($0) } && transformer.layers <= 64
      && attention % transformer.heads == 0 && embedding == hidden
  }
}

/// The decoder of "Attention Is All You Need" (Vaswani et al. 2017) as a core, with the norms ahead of what they are for
/// (Xiong et al. 2020): each word attends over the words before it and itself, then over the values of all frames.
/// A word's embedding is as wide as the hidden states.
package struct Transformer<Layer: LinearLayer>: Sendable {
  package let sizes: CaptionDecoder.Sizes
  package var layers: [TransformerLayer<Layer>]
  package var norm: LayerNorm

  /// - Parameters:
  ///   - linear: makes the layer of a name, with inputs and outputs
  ///   - norm: makes the norm of a name and width
  init<Failure: Error>(
    _ sizes: CaptionDecoder.Sizes, linear: (String, Int, Int) throws(Failure) -> Layer,
    norm: (String, Int) throws(Failure) -> LayerNorm
  ) throws(Failure) {
    guard let own = sizes.transformer, sizes.embedding == sizes.hidden else {
      preconditionFailure("not the sizes of a Transformer")
    }
    let (hidden, width) = (sizes.hidden, sizes.attention)
    func attention(_ name: String, over entries: Int) throws(Failure) -> MultiHeadAttention<Layer> {
      MultiHeadAttention(
        heads: own.heads, width: width, query: try linear(name + ".query", hidden, width),
        key: try linear(name + ".key", entries, width), value: try linear(name + ".value", entries, width),
        output: try linear(name + ".output", width, hidden))
    }
    self.sizes = sizes
    var layers: [TransformerLayer<Layer>] = []
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

  /// The codes of the places in a sentence, which are added to the words there (Vaswani et al. 2017, section 3.5): [count, hidden].
  func positionCodes(_ count: Int) -> Tensor {
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

extension Transformer: Learned where Layer == Linear {
  /// Random weights to start training from; without a generator, those that are random are zero.
  init(_ sizes: CaptionDecoder.Sizes, using random: inout RandomGenerator?) {
    var generator = random
    self.init(
      sizes, linear: { Linear(inputs: $1, outputs: $2, using: &generator) },
      norm: { _, width in LayerNorm(width: width) })
    random = generator
  }

  package var places: [Parameter<Transformer<Linear>>] {
    layers.indices.flatMap { index in
      let layer: WritableKeyPath<Transformer<Linear>, TransformerLayer<Linear>> = \.layers[index]
      return TransformerLayer.parameters(of: "\(index)", at: layer)
    } + LayerNorm.parameters(of: "norm", at: \.norm)
  }
}

/// One layer: attention over the words, attention over the grid, and two layers with a ReLU between them, each added to what
/// it is given.
package struct TransformerLayer<Layer: LinearLayer>: Sendable {
  package var wordsNorm: LayerNorm
  package var words: MultiHeadAttention<Layer>
  package var gridNorm: LayerNorm
  package var grid: MultiHeadAttention<Layer>
  package var feedNorm: LayerNorm
  /// [feedForward, hidden]
  package var inner: Layer
  /// [hidden, feedForward]
  package var outer: Layer
}

extension TransformerLayer: Learned where Layer == Linear {}

extension TransformerLayer: Parameterized where Layer == Linear {
  package static var parameters: [Parameter<TransformerLayer<Linear>>] {
    LayerNorm.parameters(of: "words.norm", at: \.wordsNorm)
      + MultiHeadAttention.parameters(of: "words", at: \.words)
      + LayerNorm.parameters(of: "grid.norm", at: \.gridNorm)
      + MultiHeadAttention.parameters(of: "grid", at: \.grid)
      + LayerNorm.parameters(of: "feed.norm", at: \.feedNorm)
      + Linear.parameters(of: "feed.inner", at: \.inner) + Linear.parameters(of: "feed.outer", at: \.outer)
  }
}
