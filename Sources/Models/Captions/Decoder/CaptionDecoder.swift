import Networks
import Tensors

/// Writes a caption word by word. Words and the encoder's grids of all frames go in, the vocabulary's logits come out; what
/// is between them is one of two cores: the LSTM that attends (`AttentionLSTM`), or a `Transformer`.
package struct CaptionDecoder: Learned {
  /// Sizes, all configuration.
  package struct Sizes: Codable, Equatable, Sendable {
    /// Entries of the vocabulary, specials included.
    package var words: Int
    /// Channels of the encoder's grid.
    package var channels: Int
    package var embedding: Int
    package var hidden: Int
    /// Of keys and queries; a Transformer's heads share it.
    package var attention: Int
    package var projection: Int
    /// Ways of writing that it has learned; nil where it knows one.
    package var styles: Int?
    /// Knots of the code for a frame's place in time; nil where it knows photographs alone.
    package var places: Int?
    /// Nil: the core is an LSTM.
    package var transformer: TransformerSizes?

    package init(
      words: Int, channels: Int, embedding: Int, hidden: Int, attention: Int, projection: Int,
      styles: Int? = nil, places: Int? = nil, transformer: TransformerSizes? = nil
    ) {
      (self.words, self.channels, self.embedding) = (words, channels, embedding)
      (self.hidden, self.attention, self.projection) = (hidden, attention, projection)
      (self.styles, self.places, self.transformer) = (styles, places, transformer)
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
  /// The core, one of these two.
  package var recurrence: AttentionLSTM?
  package var transformer: Transformer<Linear>?
  /// From the core's output to the words' logits: [words, hidden]
  package var output: Linear

  /// Random weights to start training from; without a generator, those that are random are zero.
  package init(_ sizes: Sizes, using random: inout RandomGenerator?) {
    self.sizes = sizes
    embedding = Tensor(shape: [sizes.words, sizes.embedding], normal: 0.5, using: &random)
    style = Tensor(shape: [sizes.styles ?? 0, sizes.embedding], normal: 0.1, using: &random)
    place = Tensor(shape: [sizes.places ?? 0, sizes.projection], normal: 0.1, using: &random)
    projection = Linear(inputs: sizes.channels, outputs: sizes.projection, using: &random)
    if sizes.transformer == nil {
      recurrence = AttentionLSTM(sizes, using: &random)
    } else {
      transformer = Transformer(sizes, using: &random)
    }
    output = Linear(inputs: sizes.hidden, outputs: sizes.words, using: &random)
  }

  /// Weights read from a file, under the prefix `decoder`.
  package init(_ sizes: Sizes, from file: SafetensorsFile) throws(SafetensorsError) {
    var random: RandomGenerator?
    self.init(sizes, using: &random)
    try load("decoder", from: file)
  }

  package var places: [Parameter<CaptionDecoder>] {
    var list: [Parameter<CaptionDecoder>] = [Parameter("embedding.weight", \.embedding)]
    list += [Parameter("style.weight", \.style), Parameter("place.weight", \.place)]
    list += Linear.parameters(of: "projection", at: \.projection)
    if recurrence != nil { list += AttentionLSTM.parameters(of: nil, at: \.recurrence!) }
    if let transformer { list += transformer.places(of: "transformer", at: \CaptionDecoder.transformer!) }
    list += Linear.parameters(of: "output", at: \.output)
    return list
  }
}
