import Compute
import Datasets
import Drawing
import Files
import Foundation
import Models
import Narration
import Networks
import SystemPackage
import Tensors

/// Trains a recurrent network over a frozen encoder's frame features to label clips, and writes its model folder.
package final class ActionTrainer {
  private let optimization: ActionSettings.Optimization
  private let task: ActionTask
  private let training: TrainingRun<ActionNetwork>

  /// - Parameters:
  ///   - encoder: a weights file with the frozen encoder's tensors under `encoder`.
  ///   - report: told what happens; may throw to stop the run after the current step.
  package init(
    data: ActionDataset, settings: ActionSettings, encoder: SafetensorsFile, output folder: URL,
    cache: URL,
    threads: Int, resuming: Bool, report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    // Before hours of work: each epoch draws its plot.
    try Drawing.prepare()
    optimization = settings.optimization
    try FilePath(folder.path).makeFolder()
    let features = try ClipFeatures(
      data, settings, weights: encoder, cache: cache, threads: threads, report: report)
    let model = settings.model(labels: data.labels.count)
    var random = Optional(RandomGenerator(seed: settings.seed))
    guard let sizes = model.network else { preconditionFailure("a trained model has a network") }
    let network = ActionNetwork(sizes, using: &random)
    task = ActionTask(
      features, settings, model, labels: data.labels, network, encoder: encoder, output: folder)
    let listed = features.training.map { "\($0.id) \($0.label)" }.joined(separator: "\n")
    let identity = "\(settings.printed)\n\(features.identity)\n\(listed)"
    training = try TrainingRun(
      network, settings.optimizer, in: folder,
      digest: Array(identity.utf8).withUnsafeBytes { XXHash64.hexadecimal($0) }, resuming: resuming,
      report: report)
  }

  /// Trains until the last epoch, or until `patience` epochs went by without a better score.
  package func run() throws {
    // One thread: the network is small, and the result is the same on every machine.
    try ThreadTeam.single.run {
      try training.train(task, epochs: optimization.epochs, patience: optimization.patience)
    }
    try training.finish()
  }
}
