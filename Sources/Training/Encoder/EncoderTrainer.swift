import Datasets
import Drawing
import Files
import Foundation
import Language
import Models
import Narration
import Networks
import SystemPackage
import Tensors

/// Trains an encoder to find in pictures what people say of them, and a detector of words on it. The output folder holds both,
/// `encoder.safetensors`, which a captioner's training begins with, and what a `TrainingRun` keeps.
package final class EncoderTrainer {
  private let settings: EncoderSettings
  private let network: WordNetwork
  private let task: EncoderTask
  private let (folder, digest, resuming): (URL, String, Bool)
  private let processes: ProcessGroup
  private let report: (TrainingEvent) throws -> Void

  /// - Parameters:
  ///   - encoder: a weights file with the encoder's tensors under `encoder`.
  ///   - processes: those that train together
  ///   - report: told what happens; may throw to stop the run after the current step.
  /// - Throws: `DataError` where no word is in the captions of enough pictures.
  package init(
    data: TrainingData, settings: EncoderSettings, encoder: SafetensorsFile, output folder: URL, threads: Int,
    resuming: Bool, processes: ProcessGroup = .alone, report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    // Before hours of work: each epoch draws its plot.
    try Drawing.prepare()
    (self.settings, self.folder, self.resuming) = (settings, folder, resuming)
    (self.processes, self.report) = (processes, report)
    try FilePath(folder.path).makeFolder()
    let concepts = Concepts(
      data.sources.flatMap { $0.training.map(\.captions) }, pictures: settings.detector.minimumPictures)
    guard !concepts.words.isEmpty else {
      throw DataError(
        .insufficient, path: data.sources[0].path,
        reason: "no word is in the captions of \(settings.detector.minimumPictures) training pictures")
    }
    let output = EncoderOutput(
      folder: folder, concepts: concepts, styles: data.sources.map(\.name), original: encoder)
    var random = Optional(RandomGenerator(seed: settings.seed))
    network = WordNetwork(
      detector: WordDetector(
        channels: EfficientNetLite.channels, units: settings.detector.units,
        priors: data.sources.map { Self.prior($0, concepts) }, using: &random),
      encoder: try EncoderWeights(settings.network.layers[settings.firstLearningLayer...], from: encoder))
    task = try EncoderTask(
      data, settings, network, output: output, threads: threads, processes: processes, report: report)
    var identity = settings
    (identity.optimization.epochs, identity.optimization.patience) = (1, 1)
    let named = "\(identity.printed)\n\(encoder.digest(of: "encoder."))\n\(data.digest)"
    digest = Array(named.utf8).withUnsafeBytes { XXHash64.hexadecimal($0) }
  }

  /// How often the captions of a data set name each concept.
  private static func prior(_ source: TrainingData.Source, _ concepts: Concepts) -> [Float] {
    var sums = [Float](repeating: 0, count: concepts.count)
    for example in source.training {
      for (concept, share) in concepts.shares(of: example.captions) { sums[concept] += share }
    }
    return sums.map { $0 / Float(source.training.count) }
  }

  /// Trains until the last epoch, or until `patience` epochs went by without a better score.
  package func run() throws {
    try processes.train(digest, task, network) {
      let training = try TrainingRun(
        network, settings.optimizer, in: folder, digest: digest, resuming: resuming, processes: processes,
        report: report)
      try training.train(
        task, epochs: settings.optimization.epochs, patience: settings.optimization.patience)
      try training.finish()
    }
  }
}

/// What an encoder's training writes.
struct EncoderOutput {
  /// Of a video, evenly over it.
  static let framesPerVideo = 4

  let folder: URL
  let concepts: Concepts
  /// Names of the data sets.
  let styles: [String]
  /// The weights that training began with.
  let original: SafetensorsFile

  var path: String { folder.appendingPathComponent("encoder.safetensors").path }

  /// In half precision; what has not learned is the original's.
  func write(_ network: WordNetwork, to path: String) throws {
    var writer = SafetensorsWriter(metadata: original.metadata)
    let learned = Set(network.encoder.parameters.map { "encoder." + $0.name })
    writer.add("encoder", network.encoder, half: true)
    for name in original.names where name.hasPrefix("encoder.") || name.hasPrefix("classifier.") {
      if !learned.contains(name) { writer.add(name, try original.tensor(name), half: true) }
    }
    FoundWords(network.detector, concepts, styles: styles).add(to: &writer)
    try writer.write(to: path)
  }
}
