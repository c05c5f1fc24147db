import Foundation
import Language
import Networks

/// A captioning model's folder: `config.json`, `vocabulary.txt`, `model.safetensors` and a card, `README.md`.
package struct CaptionModel: Sendable {
  package let configuration: CaptionConfiguration
  package let vocabulary: Vocabulary
  package let weights: SafetensorsFile

  /// Reads and verifies a folder.
  package init(contentsOf folder: URL) throws(ModelError) {
    guard !CheckpointModel.isOne(folder) else {
      throw .damaged(
        path: folder.path,
        reason: "an imported model, which can caption and be calibrated (confidence, precision), and no more")
    }
    let folder = ModelFolder(folder)
    let (configuration, digest) = try folder.configuration(of: CaptionConfiguration.self)
    self.configuration = configuration
    vocabulary = try Self.vocabulary(folder.file(Self.vocabularyName), count: configuration.decoder.words)
    let format = configuration.format
    weights = try folder.weights(format: format, digest: digest) { metadata in
      "weights of format \(metadata["format"] ?? "?") for configuration \(metadata["configuration"] ?? "?"), "
        + "expected format \(format) for configuration \(digest)"
    }
  }

  package static let vocabularyName = "vocabulary.txt"

  private static func vocabulary(_ file: ModelFile, count: Int) throws(ModelError) -> Vocabulary {
    guard file.exists else { throw .missing(path: file.path, reason: "no such file") }
    let bytes = try file.bytes()
    do throws(LanguageError) {
      return try Vocabulary(decoding: bytes, path: file.path, expectedCount: count)
    } catch { throw file.damaged(error.reason) }
  }

  /// What detects words on the encoder's features; nil where the model has no detector.
  package func foundWords() throws(ModelError) -> FoundWords? {
    do {
      return try FoundWords.read(from: weights)
    } catch { throw ModelError(error) }
  }

  /// The decoder with its weights.
  package func decoder(in numbers: DecoderNumbers = .half) throws(ModelError) -> FixedDecoder {
    do {
      return try FixedDecoder(configuration.decoder, in: numbers, from: weights)
    } catch { throw ModelError(error) }
  }
}
