import Drawing
import Files
import Foundation
import Language
import Models
import Narration
import Networks
import Tensors

/// Trains a translator on sentences with their translations, and writes its model folder.
package final class TranslationTrainer {
  private let settings: TranslationSettings
  private let network: TranslationNetwork<Tensor>
  private let task: TranslationTask
  private let (folder, digest, resuming): (URL, String, Bool)
  private let processes: ProcessGroup
  private let report: (TrainingEvent) throws -> Void

  /// - Parameters:
  ///   - base: a model to go on from, whose units `data` has and whose sizes are kept; nil begins with random weights.
  ///   - processes: those that train together
  ///   - report: told what happens; may throw to stop the run after the current step.
  package init(
    data: TranslationData, settings: TranslationSettings, base: TranslationModel? = nil, output folder: URL,
    threads: Int, resuming: Bool,
    processes: ProcessGroup = .alone, report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    // Before hours of work: each epoch draws its plot.
    try Drawing.prepare()
    (self.settings, self.folder, self.resuming) = (settings, folder, resuming)
    (self.processes, self.report) = (processes, report)
    let configuration = TranslationConfiguration(
      source: data.source, languages: data.languages,
      encoder: base?.configuration.encoder ?? settings.encoder(units: data.units.source.count),
      decoder: base?.configuration.decoder
        ?? settings.decoder(units: data.units.target.count, languages: data.languages.count),
      decoding: .init(lengthExponent: Float(settings.validation.lengthExponent)))
    if let base {
      network = try TranslationNetwork(configuration.encoder, configuration.decoder, from: base.weights)
    } else {
      var random = Optional(RandomGenerator(seed: settings.seed))
      network = TranslationNetwork(configuration.encoder, configuration.decoder, using: &random)
    }
    task = try TranslationTask(
      data, settings, configuration, network, output: folder, threads: threads, processes: processes,
      report: report)
    let identity =
      "\(settings.printed)\n\(settings.optimization.precision.effective)\n"
      + "\(base?.weights.contentDigest ?? "")\n\(data.identity)"
    digest = Array(identity.utf8).withUnsafeBytes { XXHash64.hexadecimal($0) }
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
