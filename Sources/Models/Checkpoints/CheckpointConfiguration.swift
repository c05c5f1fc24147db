import Networks

/// What `config.json` says of a public checkpoint that was imported: a Transformer that sees (Dosovitskiy et al. 2021) and one that
/// writes.
package struct CheckpointConfiguration: ModelConfiguration, Equatable {
  package enum Architecture: String, ConfigurationName {
    /// "GIT: A Generative Image-to-text Transformer" (Wang et al. 2022): words attend to the picture's tokens as to words before
    /// them.
    case git
    /// "BLIP: Bootstrapping Language-Image Pre-training" (Li et al. 2022): words attend to the picture apart.
    case blip
  }

  /// The Transformer that sees.
  package struct Encoder: Codable, Equatable, Sendable {
    package var architecture = "vit"
    /// Pixels of a side of the square picture, and of a patch's.
    package var inputSize, patch: Int
    package var width, layers, heads, feedForward: Int
    package var activation: FeedActivation
    package var epsilon: Float
    /// Whether there is a norm before the first layer, as in CLIP.
    package var normsFirst: Bool

    /// Patches of a side.
    package var gridSide: Int { inputSize / patch }
    /// Of a picture: its patches, after one that stands for the whole.
    package var tokens: Int { gridSide * gridSide + 1 }
    package var patchValues: Int { 3 * patch * patch }
  }

  /// The Transformer that writes.
  package struct Decoder: Codable, Equatable, Sendable {
    package var words, width, layers, heads, feedForward: Int
    package var activation: FeedActivation
    package var epsilon: Float
    /// Words of a sentence, at most.
    package var positions: Int
    /// Frames of a clip that it tells apart; 1 for photographs alone.
    package var frames: Int
    /// Whether the words' scores are by the matrix of their embeddings.
    package var tiesOutput: Bool
  }

  /// Indices in the vocabulary.
  package struct Markers: Codable, Equatable, Sendable {
    package var beginning, end: Int32
    /// Markers that are no part of a sentence.
    package var unwritten: [Int32]
  }

  package static let modelName = "an imported captioning model"
  package static let currentFormat = 1
  package var format = Self.currentFormat
  package var kind = ModelKind.caption
  package var architecture: Architecture
  package var encoder: Encoder
  package var decoder: Decoder
  package var markers: Markers
  package var preprocessing: PictureProcessing

  package var isSound: Bool {
    let sizes = [
      encoder.inputSize, encoder.patch, encoder.width, encoder.layers, encoder.heads, encoder.feedForward,
      decoder.words, decoder.width, decoder.layers, decoder.heads, decoder.feedForward, decoder.positions,
      decoder.frames,
    ]
    return kind == .caption && encoder.architecture == "vit"
      && sizes.allSatisfy { (1...1_000_000).contains($0) }
      && encoder.inputSize <= 4096 && encoder.layers <= 1000 && decoder.layers <= 1000
      && encoder.patch <= encoder.inputSize && encoder.width % encoder.heads == 0
      && decoder.width % decoder.heads == 0 && decoder.frames <= 1000
      && [encoder.epsilon, decoder.epsilon].allSatisfy { $0.isFinite && $0 > 0 }
      && ([markers.beginning, markers.end] + markers.unwritten).allSatisfy { 0..<Int32(decoder.words) ~= $0 }
      && preprocessing.isSound(side: encoder.inputSize)
  }
}
