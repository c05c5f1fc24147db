import Networks
import Tensors

/// The attention decoder of "Show, Attend and Tell" (Xu et al. 2015, soft attention): at each word it attends over the
/// encoder's grid, scales what it saw by a scalar gate, steps an LSTM and scores the vocabulary.
package struct CaptionDecoder: Parameterized {
  /// Sizes, all configuration.
  package struct Sizes: Codable, Equatable, Sendable {
    /// Entries of the vocabulary, specials included.
    package var words: Int
    /// Channels of the encoder's grid.
    package var channels: Int
    package var embedding: Int
    package var hidden: Int
    package var attention: Int
    package var projection: Int

    package init(words: Int, channels: Int, embedding: Int, hidden: Int, attention: Int, projection: Int) {
      (self.words, self.channels, self.embedding) = (words, channels, embedding)
      (self.hidden, self.attention, self.projection) = (hidden, attention, projection)
    }
  }

  package let sizes: Sizes
  /// [words, embedding]
  package var embedding: Tensor
  /// From a grid position's channels to its value, followed by ReLU: [projection, channels]
  package var projection: Linear
  package var attention: AdditiveAttention
  /// From the state before to the context's scalar gate β: [1, hidden]
  package var gate: Linear
  package var lstm: LSTMCell
  /// From the mean value to the first hidden state: [hidden, projection]
  package var initialHidden: Linear
  /// From the mean value to the first cell state: [hidden, projection]
  package var initialCell: Linear
  /// From the hidden state to the words' logits: [words, hidden]
  package var output: Linear

  /// Random weights to start training from; zeros without a generator.
  package init(_ sizes: Sizes, using random: inout RandomGenerator?) {
    self.sizes = sizes
    embedding = Tensor(shape: [sizes.words, sizes.embedding], normal: 0.5, using: &random)
    projection = Linear(inputs: sizes.channels, outputs: sizes.projection, using: &random)
    attention = AdditiveAttention(
      values: sizes.projection, state: sizes.hidden, width: sizes.attention, using: &random)
    gate = Linear(inputs: sizes.hidden, outputs: 1, using: &random)
    lstm = LSTMCell(
      embedding: sizes.embedding, context: sizes.projection, width: sizes.hidden, using: &random)
    initialHidden = Linear(inputs: sizes.projection, outputs: sizes.hidden, using: &random)
    initialCell = Linear(inputs: sizes.projection, outputs: sizes.hidden, using: &random)
    output = Linear(inputs: sizes.hidden, outputs: sizes.words, using: &random)
  }

  /// Weights read from a file, under the prefix `decoder`.
  package init(_ sizes: Sizes, from file: SafetensorsFile) throws(SafetensorsError) {
    var random: RandomGenerator?
    self.init(sizes, using: &random)
    try load("decoder", from: file)
  }

  package static var parameters: [Parameter<CaptionDecoder>] {
    var list: [Parameter<CaptionDecoder>] = [Parameter("embedding.weight", \.embedding)]
    list += Linear.parameters(of: "projection", at: \.projection)
    list += AdditiveAttention.parameters(of: nil, at: \.attention)
    list += Linear.parameters(of: "gate", at: \.gate)
    list += LSTMCell.parameters(of: "lstm", at: \.lstm)
    list += Linear.parameters(of: "initial.hidden", at: \.initialHidden)
    list += Linear.parameters(of: "initial.cell", at: \.initialCell)
    list += Linear.parameters(of: "output", at: \.output)
    return list
  }
}
