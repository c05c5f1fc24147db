import Networks
import Tensors

/// The attention decoder of "Show, Attend and Tell" (Xu et al. 2015, soft attention): at each word it attends over the
/// encoder's grids of all frames, scales what it saw by a scalar gate, steps an LSTM and scores the vocabulary.
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
    /// Ways of writing that it has learned; nil where it knows one.
    package var styles: Int?
    /// Knots of the code for a frame's place in time; nil where it knows photographs alone.
    package var places: Int?

    package init(
      words: Int, channels: Int, embedding: Int, hidden: Int, attention: Int, projection: Int,
      styles: Int? = nil, places: Int? = nil
    ) {
      (self.words, self.channels, self.embedding) = (words, channels, embedding)
      (self.hidden, self.attention, self.projection) = (hidden, attention, projection)
      (self.styles, self.places) = (styles, places)
    }
  }

  package let sizes: Sizes
  /// [words, embedding]
  package var embedding: Tensor
  /// What is added to each word's embedding in a style: [styles, embedding]
  package var style: Tensor
  /// From a grid position's channels to its value, followed by ReLU: [projection, channels]
  package var projection: Linear
  /// What is added before the ReLU in a clip's frames, from its beginning (the first row) to its end (the last),
  /// between rows by their shares: [places, projection]
  package var place: Tensor
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
    style = Tensor(shape: [sizes.styles ?? 0, sizes.embedding], normal: 0.1, using: &random)
    place = Tensor(shape: [sizes.places ?? 0, sizes.projection], normal: 0.1, using: &random)
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
    list += [Parameter("style.weight", \.style), Parameter("place.weight", \.place)]
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
