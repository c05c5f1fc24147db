import Compute
import Foundation
import Language
import Networks
import Tensors

/// What `config.json` of a translation model says.
package struct TranslationConfiguration: ModelConfiguration, Equatable {
  package static let modelName = "a translation model"
  package static let currentFormat = 1
  package var format = Self.currentFormat
  package var kind = ModelKind.translation
  /// The language of what is translated, such as `en`.
  package var source: String
  /// The languages that it is translated into; where they are several, each is a style of the decoder.
  package var languages: [String]
  package var encoder: SentenceEncoderSizes
  package var decoder: DecoderSizes
  package var decoding: Decoding

  /// How sentences are chosen.
  package struct Decoding: Codable, Equatable, Sendable {
    /// See `BeamSearch.lengthExponent`.
    package var lengthExponent: Float
    package init(lengthExponent: Float) { self.lengthExponent = lengthExponent }
  }

  package init(
    source: String, languages: [String], encoder: SentenceEncoderSizes, decoder: DecoderSizes,
    decoding: Decoding
  ) {
    (self.source, self.languages, self.encoder) = (source, languages, encoder)
    (self.decoder, self.decoding) = (decoder, decoding)
  }

  package static func problem(ofFormat format: Int) -> String {
    "a model of format \(format); this version runs format \(currentFormat): it is to be trained anew"
  }

  package var isSound: Bool {
    let numbers = [decoder.words, decoder.embedding, decoder.hidden, decoder.projection]
    return kind == .translation && encoder.isSound && decoder.channels == encoder.outputs
      && numbers.allSatisfy { (1...1_000_000).contains($0) } && (0...1_000_000).contains(decoder.attention)
      && decoder.isTransformerSound && decoder.frameKnots == nil
      && !languages.isEmpty && Set(languages).count == languages.count && languages.count <= 1000
      && decoder.styles == (languages.count > 1 ? languages.count : nil)
      && decoding.lengthExponent.isFinite
  }
}

/// The folder of a translation model: `config.json`, the units of both sides, `source.txt` and `target.txt`, `model.safetensors` and
/// a card, `README.md`.
package struct TranslationModel: Sendable {
  package let configuration: TranslationConfiguration
  package let source: SubwordUnits
  package let target: SubwordUnits
  package let network: TranslationNetwork<FixedMatrix>
  package let weights: SafetensorsFile

  package static let (sourceName, targetName) = ("source.txt", "target.txt")

  /// Reads and verifies a folder.
  package init(contentsOf folder: URL) throws(ModelError) {
    let folder = ModelFolder(folder)
    let (configuration, digest) = try folder.configuration(of: TranslationConfiguration.self)
    self.configuration = configuration
    source = try Self.units(folder.file(Self.sourceName), count: configuration.encoder.units)
    target = try Self.units(folder.file(Self.targetName), count: configuration.decoder.words)
    weights = try folder.weights(format: configuration.format, digest: digest)
    do {
      network = try TranslationNetwork(configuration.encoder, configuration.decoder, from: weights)
    } catch { throw ModelError(error) }
  }

  private static func units(_ file: ModelFile, count: Int) throws(ModelError) -> SubwordUnits {
    let bytes = try file.bytes(orElse: "no such file")
    do throws(LanguageError) {
      return try SubwordUnits(decoding: bytes, path: file.path, expectedCount: count)
    } catch { throw file.damaged(error.reason) }
  }

  /// Writes a folder's files, all or none, weights in half precision.
  package static func write(
    _ configuration: TranslationConfiguration, source: SubwordUnits, target: SubwordUnits,
    network: TranslationNetwork<Tensor>, to folder: URL
  ) throws {
    try ModelFolder(folder).write(
      configuration, texts: [(sourceName, source.encoded), (targetName, target.encoded)]
    ) { writer in
      writer.add("encoder", network.encoder, half: true)
      writer.add("decoder", network.decoder, half: true)
    }
  }
}
