import Datasets
import Drawing
import Files
import Foundation
import Language
import Models
import Narration
import Networks
import SystemPackage

/// The folder that a run writes the model into, and what its stages hand on.
struct CaptionOutput {
  let folder: URL
  private let configuration: CaptionConfiguration
  private let vocabulary: Vocabulary

  init(
    _ folder: URL, settings: CaptionSettings, data: TrainingData, vocabulary: Vocabulary
  ) throws {
    (self.folder, self.vocabulary) = (folder, vocabulary)
    var written = CaptionConfiguration(
      encoder: settings.network, decoder: settings.sizes(words: vocabulary.count, data),
      decoding: settings.decoding)
    if written.decoder.styles != nil { written.styles = data.sources.map(\.name) }
    self.configuration = written
    // Before hours of work: each epoch draws its plot.
    try Drawing.prepare()
    try FilePath(folder.path).makeFolder()
  }

  private var encoderPath: String { folder.appendingPathComponent("encoder.safetensors").path }

  /// What `writeEncoder` wrote.
  var fineTunedEncoder: SafetensorsFile {
    get throws { try SafetensorsFile(path: encoderPath) }
  }

  /// Keeps the encoder that fine-tuning ended with, for the stages after it.
  func writeEncoder(_ network: CaptionNetwork, from encoder: SafetensorsFile) throws {
    try writeWeights(network, encoder: encoder, to: encoderPath)
  }

  private var decoderPath: String { folder.appendingPathComponent("decoder.safetensors").path }

  /// What `writeDecoder` wrote.
  /// - Parameters:
  ///   - sizes: of the decoder in training
  ///   - digest: of the run
  func firstDecoder(_ sizes: DecoderSizes, digest: String) throws -> CaptionDecoder {
    let file = try SafetensorsFile(path: decoderPath)
    guard file.metadata["run"] == digest else {
      throw DataError(
        .damaged, path: decoderPath, reason: "of another run than the checkpoint, which needs its own")
    }
    return try CaptionDecoder(sizes, from: file)
  }

  /// Keeps the decoder that self-critical training begins with.
  /// - Parameter digest: of the run
  func writeDecoder(_ decoder: CaptionDecoder, digest: String) throws {
    var writer = SafetensorsWriter(metadata: ["run": digest])
    writer.add("decoder", decoder, half: false)
    try writer.write(to: decoderPath)
  }

  /// Writes the model folder's files, all or none.
  /// - Parameter encoder: where the layers are from that the network has not learned
  func writeModel(_ network: CaptionNetwork, encoder: SafetensorsFile) throws {
    try ModelFolder(folder).write(
      configuration, texts: [(CaptionModel.vocabularyName, vocabulary.encoded)]
    ) { try Self.add(network, encoder: encoder, to: &$0) }
  }

  /// Writes the weights.
  /// - Parameter encoder: where the layers are from that the network has not learned
  func writeWeights(_ network: CaptionNetwork, encoder: SafetensorsFile, to path: String) throws {
    var writer = try configuration.weightsWriter()
    try Self.add(network, encoder: encoder, to: &writer)
    try writer.write(to: path)
  }

  /// Adds the weights, in half precision.
  private static func add(
    _ network: CaptionNetwork, encoder: SafetensorsFile, to writer: inout SafetensorsWriter
  ) throws {
    writer.add("encoder", network.encoder, half: true)
    let learned = Set(network.encoder.parameters.map { "encoder." + $0.name })
    for name in encoder.names where name.hasPrefix("encoder.") || name.hasPrefix("classifier.") {
      guard !learned.contains(name) else { continue }
      writer.add(name, try encoder.tensor(name), half: true)
    }
    // A detector of words is about the encoder as it was.
    if learned.isEmpty { try FoundWords.read(from: encoder)?.add(to: &writer) }
    writer.add("decoder", network.decoder, half: true)
  }
}
