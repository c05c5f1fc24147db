import Compute
import Datasets
import Files
import Foundation
import Models
import Narration
import Networks
import Tensors

/// Trains a recurrent network over a frozen encoder's frame features to label clips, and writes its model folder.
package final class ActionTrainer {
  private let configuration: ActionSettings
  private let data: ActionDataset
  private let features: ClipFeatures
  private let encoder: SafetensorsFile
  private var model: ActionConfiguration
  private let schedule: LearningRateSchedule
  private let folder: URL
  private let digest: String
  private let report: (TrainingEvent) throws -> Void
  private let arena = Arena()

  private var place = TrainingPlace()
  private var network: ActionNetwork
  private var optimizer: AdamW<ActionNetwork>
  private var gradient: ActionNetwork

  /// - Parameters:
  ///   - encoder: a weights file with the frozen encoder's tensors under `encoder`.
  ///   - report: told what happens; may throw to stop the run after the current step.
  package init(
    data: ActionDataset, configuration: ActionSettings, encoder: SafetensorsFile, output folder: URL,
    cache: URL,
    threads: Int, resuming: Bool, report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    (self.data, self.configuration, self.encoder) = (data, configuration, encoder)
    (self.folder, self.report) = (folder, report)
    try FilePath(folder.path).makeFolder()
    model = configuration.model(labels: data.labels.count)
    features = try ClipFeatures(
      data, configuration, weights: encoder, cache: cache, threads: threads, report: report)
    let optimisation = configuration.optimisation
    let batches = (features.training.count + optimisation.clipsPerBatch - 1) / optimisation.clipsPerBatch
    schedule = LearningRateSchedule(
      base: optimisation.learningRate, warmupSteps: optimisation.warmupSteps,
      decayPerEpoch: optimisation.decayPerEpoch,
      stepsPerEpoch: batches)
    var random = Optional(RandomGenerator(seed: configuration.seed))
    guard let sizes = model.network else { preconditionFailure("a trained model has a network") }
    network = ActionNetwork(sizes, using: &random)
    gradient = network.zeros
    optimizer = AdamW(network, settings: configuration.optimizer)
    let listed = features.training.map { "\($0.id) \($0.label)" }.joined(separator: "\n")
    let settings = "\(configuration.printed)\n\(features.identity)\n\(listed)"
    digest = Array(settings.utf8).withUnsafeBytes { XXHash64.hexadecimal($0) }
    if resuming,
      let checkpoint = try Checkpoint(
        in: folder, digest: digest, blank: network, settings: configuration.optimizer)
    {
      (place, network, optimizer) = (checkpoint.place, checkpoint.network, checkpoint.optimizer)
    }
    try log.truncate(after: place.epoch)
  }

  private var log: MetricsLog { MetricsLog(folder.appendingPathComponent("metrics.jsonl").path) }

  /// Trains until the last epoch, or until `patience` epochs went by without a better score.
  package func run() throws {
    // One thread: the network is small, and the result is the same on every machine.
    try ThreadTeam.single.run(runEpochs)
  }

  private func runEpochs() throws {
    let settings = configuration.optimisation
    while place.epoch < settings.epochs,
      place.bestScore == nil || place.epoch - place.bestEpoch < settings.patience
    {
      try runEpoch()
    }
    try report(.finished(epochs: place.epoch, bestEpoch: place.bestEpoch, score: place.bestScore ?? 0))
  }

  private func runEpoch() throws {
    var random = RandomGenerator(seed: configuration.seed, path: UInt64(place.epoch))
    var order = Array(features.training.indices)
    random.shuffle(&order)
    let size = configuration.optimisation.clipsPerBatch
    let began = Date()
    let secondsBefore = place.seconds
    while place.batch * size < order.count {
      let chosen = Array(order[place.batch * size..<min((place.batch + 1) * size, order.count)])
      let loss = try learn(chosen)
      place.crossEntropy += loss * Double(chosen.count)
      place.words += chosen.count
      place.batch += 1
      place.step += 1
      place.seconds = secondsBefore + Date().timeIntervalSince(began)
      do {
        try report(
          .step(
            epoch: place.epoch + 1, batch: place.batch, of: schedule.stepsPerEpoch,
            loss: place.crossEntropy / Double(place.words),
            wordsPerSecond: Double(place.words) / max(place.seconds, 1e-6)))
      } catch {
        try save()
        throw error
      }
    }
    try endEpoch()
  }

  /// One step of the optimizer.
  private func learn(_ chosen: [Int]) throws -> Double {
    let (steps, channels) = (model.steps, model.encoder.channels)
    var random = RandomGenerator(
      seed: configuration.seed ^ 0x636c_6970, path: UInt64(place.epoch), UInt64(place.batch))
    arena.reset()
    let windows = arena.floats(chosen.count * steps * channels)
    for (row, index) in chosen.enumerated() {
      try features.drawTraining(index, &random, into: windows + row * steps * channels)
    }
    let pass = ActionPass(
      network, features: windows, clips: chosen.count, steps: steps, regularization: configuration.dropout,
      seed: random.next(), arena: arena)
    gradient.fill(0)
    let loss = pass.backward(labels: chosen.map { Int32(features.training[$0].label) }, gradient: &gradient)
    let norm = optimizer.update(&network, gradient: gradient, rate: Float(schedule.rate(at: place.step)))
    guard norm.isFinite else { throw DivergedError() }
    return loss
  }

  private func endEpoch() throws {
    let (loss, confusion, scores) = try validate(optimizer.average)
    let metrics = EpochMetrics(
      epoch: place.epoch + 1, steps: place.step, trainingLoss: place.crossEntropy / Double(place.words),
      validationLoss: loss, accuracy: confusion.accuracy, seconds: place.seconds,
      learningRate: schedule.rate(at: place.step - 1))
    // Of equal accuracy, the surer one is the better.
    let score = confusion.accuracy - min(loss, 100) * 1e-4
    let isBest = score > place.bestScore ?? -.infinity
    place.epoch += 1
    place.beginEpoch()
    if isBest {
      (place.bestScore, place.bestEpoch) = (score, place.epoch)
      model.calibration = ActionConfiguration.Calibration(
        temperature: ActionConfiguration.Calibration.temperature(
          scores, targets: features.validation.map(\.label)))
      try ActionModel.write(
        model, labels: data.labels, network: optimizer.average, encoder: encoder, to: folder)
      try WholeFile.write(confusion.json.utf8, to: folder.appendingPathComponent("confusion.json").path)
      try WholeFile.write(confusion.svg.utf8, to: folder.appendingPathComponent("confusion.svg").path)
    }
    try log.append(metrics)
    let plot = folder.appendingPathComponent("metrics.svg").path
    try LearningCurve.write(log.entries(), title: folder.lastPathComponent, to: plot)
    try save()
    try report(.epoch(metrics, isBest: isBest))
  }

  /// Mean cross-entropy in nats, which label was taken for which, and the log-probabilities of each clip.
  private func validate(
    _ network: ActionNetwork
  ) throws -> (loss: Double, confusion: ConfusionMatrix, scores: [[Float]]) {
    let (steps, channels) = (model.steps, model.encoder.channels)
    var confusion = ConfusionMatrix(labels: data.labels)
    var (loss, all) = (0.0, [[Float]]())
    for (index, example) in features.validation.enumerated() {
      arena.reset()
      let window = arena.floats(steps * channels)
      try features.readValidation(index, into: window)
      let pass = ActionPass(network, features: window, clips: 1, steps: steps, arena: arena)
      logSoftmax(pass.logits, rows: 1, columns: data.labels.count)
      let scores = Array(UnsafeBufferPointer(start: pass.logits, count: data.labels.count))
      all.append(scores)
      loss -= Double(scores[example.label])
      confusion.add(truth: example.label, found: scores.indices.max { scores[$0] < scores[$1] } ?? 0)
    }
    return (loss / Double(features.validation.count), confusion, all)
  }

  private func save() throws {
    try Checkpoint(place: place, network: network, optimizer: optimizer).write(to: folder, digest: digest)
  }
}
