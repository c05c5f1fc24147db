import Files
import Foundation
import Language
import Narration
import Networks

/// The folder that a run writes: the model, and the log of how it got there.
struct CaptionOutput {
  let folder: URL
  private let configuration: CaptionConfiguration
  private let vocabulary: Vocabulary
  private let encoder: SafetensorsFile

  init(
    _ folder: URL, configuration: TrainingConfiguration, data: TrainingData, vocabulary: Vocabulary,
    encoder: SafetensorsFile
  ) throws {
    (self.folder, self.vocabulary, self.encoder) = (folder, vocabulary, encoder)
    var written = CaptionConfiguration(
      encoder: try configuration.network, decoder: configuration.sizes(words: vocabulary.count, data),
      decoding: CaptionConfiguration.Decoding(lengthExponent: Float(configuration.validation.lengthExponent)))
    if written.decoder.styles != nil { written.styles = data.sources.map(\.name) }
    self.configuration = written
    try FilePath(folder.path).makeFolder()
  }

  private var log: MetricsLog { MetricsLog(folder.appendingPathComponent("metrics.jsonl").path) }

  /// Forgets what a log holds of epochs that will be run again.
  func begin(after epoch: Int) throws { try log.truncate(after: epoch) }

  /// Adds an epoch to the log and draws its plot anew.
  func append(_ metrics: EpochMetrics) throws {
    try log.append(metrics)
    let plot = folder.appendingPathComponent("metrics.svg").path
    try LearningCurve.write(log.entries(), title: folder.lastPathComponent, to: plot)
  }

  /// Writes the model folder's files, weights in half precision, the encoder's copied along.
  func writeModel(_ decoder: CaptionDecoder) throws {
    let config = try configuration.encoded()
    var writer = SafetensorsWriter(metadata: [
      "format": "1", "configuration": config.withUnsafeBytes { XXHash64.hexadecimal($0) },
    ])
    for name in encoder.names where name.hasPrefix("encoder.") || name.hasPrefix("classifier.") {
      writer.add(name, try encoder.tensor(name), half: true)
    }
    writer.add("decoder", decoder, half: true)
    try WholeFile.write(config, to: folder.appendingPathComponent("config.json").path)
    try WholeFile.write(vocabulary.encoded, to: folder.appendingPathComponent("vocabulary.txt").path)
    try writer.write(to: folder.appendingPathComponent("model.safetensors").path)
  }
}
