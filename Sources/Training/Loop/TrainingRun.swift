import Files
import Foundation
import Networks
import SystemPackage

/// Takes a task through its epochs: schedule, divergence, moving average of the weights, the best epoch, early stopping,
/// the log with its plot, checkpoints and going on from them.
///
/// The folder holds `checkpoint.safetensors`, `metrics.jsonl` and its plot, and what the task saves of the best epoch.
final class TrainingRun<Network: Learned> {
  /// Least time between two checkpoints of an epoch, in seconds.
  private static var saveInterval: Double { 120 }

  var progress: TrainingProgress
  private(set) var network: Network
  private(set) var optimizer: AdamW<Network>
  private let folder: URL
  private let digest: String
  private let processes: ProcessGroup
  private let report: (TrainingEvent) throws -> Void
  /// Whether there are steps that no checkpoint holds.
  private var isUnsaved = false

  /// - Parameters:
  ///   - digest: names the data and the settings: what a checkpoint must agree with.
  ///   - resuming: whether to go on from the folder's checkpoint, if there is one.
  ///   - processes: what computes the gradients; this one leads them.
  ///   - prepare: gives the network the tensors that it has at a point of the run.
  ///   - report: told what happens; may throw to stop the run after the current step.
  /// - Throws: `DataError` where the checkpoint is of another run, or none.
  init(
    _ network: Network, _ settings: AdamW<Network>.Settings, progress: TrainingProgress = TrainingProgress(),
    in folder: URL, digest: String, resuming: Bool, processes: ProcessGroup = .alone,
    report: @escaping (TrainingEvent) throws -> Void,
    prepare: (inout Network, TrainingProgress) throws -> Void = { _, _ in }
  ) throws {
    (self.progress, self.network) = (progress, network)
    (self.folder, self.digest, self.report) = (folder, digest, report)
    self.processes = processes
    optimizer = AdamW(network, settings: settings)
    try FilePath(folder.path).makeFolder()
    if resuming, let progress = try Checkpoint<Network>.progress(in: folder, digest: digest) {
      self.progress = progress
      try prepare(&self.network, progress)
      if let checkpoint = try Checkpoint(in: folder, digest: digest, blank: self.network, settings: settings)
      {
        (self.network, optimizer) = (checkpoint.network, checkpoint.optimizer)
      }
    }
    // Epochs that an interrupted run wrote after its last checkpoint will be run again.
    try log.truncate(after: self.progress.epoch)
  }

  private var log: MetricsLog { MetricsLog(folder.appendingPathComponent("metrics.jsonl").path) }

  /// Goes on in a new stage, with these weights and an optimizer that has seen nothing.
  func begin(_ stage: TrainingStage, with network: Network) {
    progress.begin(stage)
    self.network = network
    optimizer = AdamW(network, settings: optimizer.settings)
  }

  /// Trains until the last of `epochs`, or until `patience` of them went by without a better score.
  func train(_ task: some TrainingTask<Network>, epochs: Int, patience: Int) throws {
    while progress.isBefore(end: epochs, patience: patience) {
      try learn(task)
      try endEpoch(task)
    }
  }

  func finish() throws {
    try report(
      .finished(epochs: progress.epoch, bestEpoch: progress.bestEpoch, score: progress.bestScore ?? 0))
  }

  /// What is left of the epoch's batches.
  private func learn(_ task: some TrainingTask<Network>) throws {
    let began = Date()
    let secondsBefore = progress.seconds
    var saved = began
    while progress.batch < task.schedule.stepsPerEpoch {
      progress.add(try step(task))
      progress.seconds = secondsBefore + Date().timeIntervalSince(began)
      do {
        try report(
          .step(
            epoch: progress.epoch + 1, batch: progress.batch, of: task.schedule.stepsPerEpoch,
            loss: progress.meanLoss,
            wordsPerSecond: Double(progress.words * task.itemsPerCount) / max(progress.seconds, 1e-6)))
      } catch {
        try save()
        throw error
      }
      if Date().timeIntervalSince(saved) > Self.saveInterval {
        try save()
        saved = Date()
      }
    }
    try save()
  }

  /// A batch's step. One that cannot be taken, as where a picture is not there any more, costs nothing that was learned.
  private func step(_ task: some TrainingTask<Network>) throws -> BatchLoss {
    do {
      let (loss, gradient) = try processes.step(network, at: progress) {
        (try task.step(network, at: progress), task.gradient)
      }
      guard loss.sum.isFinite else { throw DivergedError() }
      let rate = task.schedule.rate(at: progress.step)
      let norm = optimizer.update(&network, gradient: gradient) { Float(rate * task.rateShare(of: $0)) }
      guard norm.isFinite else { throw DivergedError() }
      isUnsaved = true
      return loss
    } catch let error where !(error is DivergedError) {
      // What ended the run is told, even if this fails too.
      if isUnsaved { try? save() }
      throw error
    }
  }

  private func endEpoch(_ task: some TrainingTask<Network>) throws {
    let model = task.model(optimizer.average)
    let validation = try task.validate(model)
    var metrics = EpochMetrics(
      epoch: progress.epoch + 1, steps: progress.step, trainingLoss: progress.meanLoss,
      seconds: progress.seconds, learningRate: task.schedule.rate(at: progress.step - 1))
    task.note(validation, at: progress, in: &metrics)
    let score = task.score(validation)
    let isBest = score > progress.bestScore ?? -.infinity
    progress.epoch += 1
    progress.beginEpoch()
    if isBest {
      (progress.bestScore, progress.bestEpoch) = (score, progress.epoch)
      try task.save(model, validation)
    }
    try log.append(metrics)
    let plot = folder.appendingPathComponent("metrics.svg").path
    try LearningCurve.write(log.entries(), title: folder.lastPathComponent, to: plot)
    try save()
    try report(.epoch(metrics, isBest: isBest))
  }

  private func save() throws {
    try Checkpoint(progress: progress, network: network, optimizer: optimizer).write(
      to: folder, digest: digest)
    isUnsaved = false
  }
}
