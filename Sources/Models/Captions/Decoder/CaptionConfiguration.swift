import Language

/// What `config.json` of a captioning model says: architecture, sizes, preprocessing, decoding.
package struct CaptionConfiguration: ModelConfiguration, Equatable {
  /// How sentences are chosen.
  package struct Decoding: Codable, Equatable, Sendable {
    /// See `BeamSearch.lengthExponent`.
    package var lengthExponent: Float = 0.7
    /// Which words may occur twice; nil is `any`.
    package var repetition: Repetition?
    package init(lengthExponent: Float, repetition: Repetition? = nil) {
      (self.lengthExponent, self.repetition) = (lengthExponent, repetition)
    }
  }

  package static let modelName = "a captioning model"
  /// An LSTM of the first has no readout.
  package static let currentFormat = 2
  package var format = Self.currentFormat
  package var kind = ModelKind.caption
  package var encoder: EfficientNetLite
  package var decoder: DecoderSizes
  package var preprocessing = EfficientNetLite.preprocessing
  package var decoding: Decoding
  /// Names of the styles that the decoder has learned, the one to write in first; nil where it knows one.
  package var styles: [String]?

  package init(encoder: EfficientNetLite, decoder: DecoderSizes, decoding: Decoding) {
    (self.encoder, self.decoder, self.decoding) = (encoder, decoder, decoding)
  }

  package static func problem(ofFormat format: Int) -> String {
    "a model of format \(format); this version runs format \(currentFormat): it is to be trained anew"
  }

  package var isSound: Bool {
    let numbers = [
      decoder.words, decoder.embedding, decoder.hidden, decoder.attention, decoder.projection,
      encoder.inputSize, decoder.styles ?? 1, decoder.frameKnots ?? 1,
    ]
    return kind == .caption && decoder.channels == EfficientNetLite.channels
      // Attention is told over the whole picture.
      && preprocessing.resize == .stretch && preprocessing.isSound
      && numbers.allSatisfy { (1...1_000_000).contains($0) } && encoder.isSound
      && decoding.lengthExponent.isFinite && decoder.styles == styles?.count && decoder.isTransformerSound
  }
}
