import Files
import Foundation
import Models
import Narration
import Networks
import Tensors

/// Learning to label clips by their cached features.
final class ActionTask: TrainingTask {
  /// Of the validation clips.
  struct Validation {
    /// Mean cross-entropy in nats.
    var loss = 0.0
    /// Which label was taken for which.
    var confusion: ConfusionMatrix
    /// [clips, labels], log-probabilities
    var scores: [[Float]] = []
  }

  let schedule: LearningRateSchedule
  private(set) var gradient: ActionNetwork
  private let features: ClipFeatures
  private let settings: ActionSettings
  private let model: ActionConfiguration
  private let labels: [String]
  private let encoder: SafetensorsFile
  private let folder: URL
  private let arena = Arena()
  /// The training clips as an epoch has them.
  private var order: (epoch: Int, clips: [Int])?

  init(
    _ features: ClipFeatures, _ settings: ActionSettings, _ model: ActionConfiguration,
    labels: [String], _ network: ActionNetwork, encoder: SafetensorsFile, output folder: URL
  ) {
    (self.features, self.settings, self.model) = (features, settings, model)
    (self.labels, self.encoder, self.folder) = (labels, encoder, folder)
    gradient = network.zeros
    let optimization = settings.optimization
    let batches = (features.training.count + optimization.clipsPerBatch - 1) / optimization.clipsPerBatch
    schedule = LearningRateSchedule(
      base: optimization.learningRate, warmupSteps: optimization.warmupSteps,
      decayPerEpoch: optimization.decayPerEpoch, stepsPerEpoch: batches)
  }

  func step(_ network: ActionNetwork, at progress: TrainingProgress) throws -> BatchLoss {
    let (steps, channels) = (model.steps, model.encoder.channels)
    let clips = clips(at: progress)
    var random = RandomGenerator(
      seed: settings.seed ^ 0x636c_6970, path: UInt64(progress.epoch), UInt64(progress.batch))
    arena.reset()
    let windows = arena.rows(clips.count * steps, channels)
    for (clip, index) in clips.enumerated() {
      try features.drawTraining(index, &random, into: windows[clip * steps..<(clip + 1) * steps])
    }
    let pass = ActionPass(
      network, features: Rows(windows), clips: clips.count,
      regularization: settings.regularization.network,
      seed: random.next(), arena: arena)
    gradient.fill(0)
    let mean = pass.backward(
      labels: clips.map { Int32(features.training[$0].label) }, gradient: &gradient)
    return BatchLoss(sum: mean * Double(clips.count), count: clips.count)
  }

  /// Those of a batch. An epoch's last one may be smaller.
  private func clips(at progress: TrainingProgress) -> ArraySlice<Int> {
    if order?.epoch != progress.epoch {
      var random = RandomGenerator(seed: settings.seed, path: UInt64(progress.epoch))
      var clips = Array(features.training.indices)
      random.shuffle(&clips)
      order = (progress.epoch, clips)
    }
    let size = settings.optimization.clipsPerBatch
    return order?.clips.dropFirst(progress.batch * size).prefix(size) ?? []
  }

  func validate(_ network: ActionNetwork) throws -> Validation {
    var result = Validation(confusion: ConfusionMatrix(labels: labels))
    for (index, example) in features.validation.enumerated() {
      arena.reset()
      let window = arena.rows(model.steps, model.encoder.channels)
      try features.readValidation(index, into: window)
      let pass = ActionPass(network, features: Rows(window), clips: 1, arena: arena)
      logSoftmax(pass.logits)
      let scores = [Float](Rows(pass.logits))
      result.scores.append(scores)
      result.loss -= Double(scores[example.label])
      result.confusion.add(truth: example.label, found: scores.indices.max { scores[$0] < scores[$1] } ?? 0)
    }
    result.loss /= Double(features.validation.count)
    return result
  }

  /// Of equal accuracy, the surer one is the better.
  func score(_ validation: Validation) -> Double {
    validation.confusion.accuracy - min(validation.loss, 100) * 1e-4
  }

  func note(_ validation: Validation, at progress: TrainingProgress, in metrics: inout EpochMetrics) {
    (metrics.validationLoss, metrics.accuracy) = (validation.loss, validation.confusion.accuracy)
  }

  func save(_ network: ActionNetwork, _ validation: Validation) throws {
    var model = model
    model.calibration = ActionConfiguration.Calibration(
      temperature: ActionConfiguration.Calibration.temperature(
        validation.scores, targets: features.validation.map(\.label)))
    try ActionModel.write(model, labels: labels, network: network, encoder: encoder, to: folder)
    let confusion = validation.confusion
    try WholeFile.write(confusion.json.utf8, to: folder.appendingPathComponent("confusion.json").path)
    try WholeFile.write(confusion.svg().utf8, to: folder.appendingPathComponent("confusion.svg").path)
  }
}
