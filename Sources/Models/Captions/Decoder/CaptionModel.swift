import Foundation
import Language
import Networks
import Tensors

/// What `config.json` of a captioning model says: architecture, sizes, preprocessing, decoding.
package struct CaptionConfiguration: Codable, Equatable, Sendable {
  /// How a picture becomes the network's input.
  package struct Preprocessing: Codable, Equatable, Sendable {
    /// `stretch`: the whole picture is resized to the network's square; `crop`: its middle is cut out.
    package var resize = "stretch"
    /// The input is (rgb - mean) / scale.
    package var mean = 127.0
    package var scale = 128.0
    package init() {}
    package init(resize: String, mean: Double, scale: Double) {
      (self.resize, self.mean, self.scale) = (resize, mean, scale)
    }
  }
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

  /// The version of the folder's format that this program reads and writes: an LSTM of the first has no readout.
  package static let currentFormat = 2
  package var format = Self.currentFormat
  package var kind = "caption"
  package var encoder: EfficientNetLite
  package var decoder: CaptionDecoder.Sizes
  package var preprocessing = Preprocessing()
  package var decoding: Decoding
  /// Names of the styles that the decoder has learned, the one to write in first; nil where it knows one.
  package var styles: [String]?

  package init(encoder: EfficientNetLite, decoder: CaptionDecoder.Sizes, decoding: Decoding) {
    (self.encoder, self.decoder, self.decoding) = (encoder, decoder, decoding)
  }

  /// The bytes of `config.json`.
  package func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}

/// A captioning model's folder: `config.json`, `vocabulary.txt`, `model.safetensors` and a card, `README.md`.
package struct CaptionModel: Sendable {
  package let configuration: CaptionConfiguration
  package let vocabulary: Vocabulary
  package let weights: SafetensorsFile

  /// Reads and verifies a folder.
  package init(contentsOf folder: URL) throws(ModelError) {
    let path = folder.path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
      throw .missing(path: path, reason: "no such model folder")
    }
    let (config, bytes) = try Self.configuration(folder)
    configuration = config
    let words = folder.appendingPathComponent("vocabulary.txt").path
    do {
      vocabulary = try Vocabulary(contentsOf: words, expectedCount: config.decoder.words)
    } catch {
      let exists = FileManager.default.fileExists(atPath: words)
      throw exists
        ? .damaged(path: words, reason: error.reason) : .missing(path: words, reason: "no such file")
    }
    let file = folder.appendingPathComponent("model.safetensors").path
    do {
      weights = try SafetensorsFile(path: file)
    } catch { throw ModelError(error) }
    let digest = bytes.withUnsafeBytes { XXHash64.hexadecimal($0) }
    let format = String(CaptionConfiguration.currentFormat)
    guard weights.metadata["format"] == format, weights.metadata["configuration"] == digest else {
      throw .damaged(
        path: file,
        reason: "weights of format \(weights.metadata["format"] ?? "?") for configuration "
          + "\(weights.metadata["configuration"] ?? "?"), expected format \(format) for configuration \(digest)"
      )
    }
  }

  private static func configuration(_ folder: URL) throws(ModelError) -> (CaptionConfiguration, Data) {
    let file = folder.appendingPathComponent("config.json")
    guard let bytes = try? Data(contentsOf: file) else {
      throw .missing(path: file.path, reason: "cannot be read")
    }
    let configuration: CaptionConfiguration
    do {
      configuration = try JSONDecoder().decode(CaptionConfiguration.self, from: bytes)
    } catch {
      throw .damaged(path: file.path, reason: "not the configuration of a captioning model")
    }
    guard configuration.format == CaptionConfiguration.currentFormat else {
      throw .damaged(
        path: file.path,
        reason: "a model of format \(configuration.format); this version runs format "
          + "\(CaptionConfiguration.currentFormat): it is to be trained anew")
    }
    let sizes = configuration.decoder
    let numbers = [
      sizes.words, sizes.embedding, sizes.hidden, sizes.attention, sizes.projection,
      configuration.encoder.inputSize, sizes.styles ?? 1, sizes.places ?? 1,
    ]
    guard configuration.kind == "caption",
      sizes.channels == EfficientNetLite.channels,
      configuration.preprocessing == CaptionConfiguration.Preprocessing(),
      numbers.allSatisfy({ (1...1_000_000).contains($0) }), configuration.encoder.inputSize <= 4096,
      configuration.decoding.lengthExponent.isFinite,
      sizes.styles == configuration.styles?.count, sizes.isTransformerSound
    else { throw .damaged(path: file.path, reason: "a configuration that this version cannot run") }
    return (configuration, bytes)
  }

  /// The decoder with its weights.
  package func decoder() throws(ModelError) -> HalfDecoder {
    do {
      return try HalfDecoder(configuration.decoder, from: weights)
    } catch { throw ModelError(error) }
  }
}
