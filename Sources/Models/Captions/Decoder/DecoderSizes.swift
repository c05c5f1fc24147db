import Networks

/// Sizes of a decoder, all configuration.
package struct DecoderSizes: Codable, Equatable, Sendable {
  /// Entries of the vocabulary, specials included.
  package var words: Int
  /// Channels of the encoder's grid.
  package var channels: Int
  package var embedding: Int
  package var hidden: Int
  /// Of keys and queries; a Transformer's heads share it. 0: a recurrent core does not attend.
  package var attention: Int
  package var projection: Int
  /// Ways of writing that it has learned; nil where it knows one.
  package var styles: Int?
  /// Knots of the position embedding, for a frame's time within a clip; nil where it knows photographs alone.
  package var frameKnots: Int?
  /// Nil: the core is recurrent.
  package var transformer: TransformerSizes?
  /// Of a recurrent core; nil is an LSTM.
  package var cell: RecurrentKind?

  /// Of a recurrent core.
  package var cellKind: RecurrentKind { cell ?? .lstm }

  private enum CodingKeys: String, CodingKey {
    case words, channels, embedding, hidden, attention, projection, styles, transformer, cell
    case frameKnots = "places"
  }

  package init(
    words: Int, channels: Int, embedding: Int, hidden: Int, attention: Int, projection: Int,
    styles: Int? = nil, frameKnots: Int? = nil, transformer: TransformerSizes? = nil,
    cell: RecurrentKind? = nil
  ) {
    (self.words, self.channels, self.embedding) = (words, channels, embedding)
    (self.hidden, self.attention, self.projection) = (hidden, attention, projection)
    (self.styles, self.frameKnots) = (styles, frameKnots)
    (self.transformer, self.cell) = (transformer, cell)
  }

  /// Whether the sizes of a Transformer, if it is one, go with each other.
  package var isTransformerSound: Bool {
    guard let transformer else { return true }
    return transformer.isSound && attention % transformer.heads == 0 && embedding == hidden
  }
}

extension RecurrentKind: ConfigurationName {}

/// Sizes of a Transformer, beside those that all decoders have.
package struct TransformerSizes: Codable, Equatable, Sendable {
  package var layers: Int
  /// Of each attention; they share `DecoderSizes.attention`.
  package var heads: Int
  /// Units of the layers between.
  package var feedForward: Int

  package init(layers: Int, heads: Int, feedForward: Int) {
    (self.layers, self.heads, self.feedForward) = (layers, heads, feedForward)
  }

  var isSound: Bool {
    [layers, heads, feedForward].allSatisfy { (1...65_536).contains($0) } && layers <= 64
  }
}
