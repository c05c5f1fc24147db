import Compute
import Files
import Foundation
import Models
import Narration
import Networks
import Scenes
import Tensors

/// Trains a `ShotNetwork` on transitions made from clips, and writes its model folder.
package final class ShotTrainer {
  private let configuration: ShotSettings
  private let composer: ShotComposer
  private let videos: [ShotComposer.Stretch]
  private let schedule: LearningRateSchedule
  private let folder: URL
  private let digest: String
  private let threads: Int
  private let report: (TrainingEvent) throws -> Void
  private let shards: [ShotShard]

  private var place = TrainingPlace()
  private var network: ShotNetwork
  private var optimizer: AdamW<ShotNetwork>

  /// - Parameter report: told what happens; may throw to stop the run after the current step.
  package init(
    data: ShotData, configuration: ShotSettings, output folder: URL, threads: Int, resuming: Bool,
    report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    (self.configuration, self.folder, self.threads, self.report) = (configuration, folder, threads, report)
    composer = ShotComposer(data.training, .learning)
    videos = Self.validation(data, configuration.validation)
    let optimisation = configuration.optimisation
    schedule = LearningRateSchedule(
      base: optimisation.learningRate, warmupSteps: optimisation.warmupSteps,
      decayPerEpoch: optimisation.decayPerEpoch, stepsPerEpoch: optimisation.batchesPerEpoch)
    try FilePath(folder.path).makeFolder()
    var random = Optional(RandomGenerator(seed: configuration.seed))
    network = ShotNetwork(configuration.sizes, using: &random)
    optimizer = AdamW(network, settings: configuration.optimizer)
    shards = (0..<optimisation.shards).map { [network] _ in ShotShard(network) }
    digest = Array("\(configuration.printed)\n\(data.identity)".utf8).withUnsafeBytes {
      XXHash64.hexadecimal($0)
    }
    if resuming,
      let checkpoint = try Checkpoint(
        in: folder, digest: digest, blank: network, settings: configuration.optimizer)
    {
      (place, network, optimizer) = (checkpoint.place, checkpoint.network, checkpoint.optimizer)
    }
    try log.truncate(after: place.epoch)
  }

  /// The videos that detectors are measured on: always the same for the same clips.
  package static func validation(_ data: ShotData, _ settings: ShotSettings.Validation)
    -> [ShotComposer.Stretch]
  {
    let composer = ShotComposer(data.validation, .measuring)
    return (0..<settings.videos).map { number in
      var random = RandomGenerator(seed: 7, path: UInt64(number))
      return composer.stretch(shots: settings.shotsPerVideo, &random)
    }
  }

  private var log: MetricsLog { MetricsLog(folder.appendingPathComponent("metrics.jsonl").path) }

  /// Trains until the last epoch, or until `patience` epochs went by without a better score.
  package func run() throws {
    let settings = configuration.optimisation
    while place.epoch < settings.epochs,
      place.bestScore == nil || place.epoch - place.bestEpoch < settings.patience
    {
      try runEpoch()
    }
    try report(.finished(epochs: place.epoch, bestEpoch: place.bestEpoch, score: place.bestScore ?? 0))
  }

  private func runEpoch() throws {
    let began = Date()
    let secondsBefore = place.seconds
    while place.batch < configuration.optimisation.batchesPerEpoch {
      place.crossEntropy += try learn()
      place.words += 1
      place.batch += 1
      place.step += 1
      place.seconds = secondsBefore + Date().timeIntervalSince(began)
      let frames = place.words * configuration.optimisation.stretchesPerBatch * ShotDetector.window
      do {
        try report(
          .step(
            epoch: place.epoch + 1, batch: place.batch, of: schedule.stepsPerEpoch,
            loss: place.crossEntropy / Double(place.words),
            wordsPerSecond: Double(frames) / max(place.seconds, 1e-6)))
      } catch {
        try save()
        throw error
      }
    }
    try endEpoch()
  }

  /// One step of the optimizer. What is learned from follows from seed, epoch and batch.
  private func learn() throws -> Double {
    let count = configuration.optimisation.stretchesPerBatch
    let (seed, epoch, batch) = (configuration.seed, UInt64(place.epoch), UInt64(place.batch))
    var weights = [Float](repeating: 1, count: TransitionDecoder.classes)
    weights[1] = Float(configuration.optimisation.cutWeight)
    let shardCount = shards.count
    parallelMap(
      Array(shards.enumerated()), threads: threads,
      work: { [weights, network, composer] index, shard in
        let rows = index * count / shardCount..<(index + 1) * count / shardCount
        let stretches = rows.map { row in
          var random = RandomGenerator(seed: seed, path: epoch, batch, UInt64(row))
          return composer.stretch(frames: ShotDetector.window, &random)
        }
        shard.learn(network, stretches, weights: weights, total: count * ShotDetector.window)
      })
    for shard in shards.dropFirst() { shards[0].add(shard) }
    let norm = optimizer.update(
      &network, gradient: shards[0].gradient, rate: Float(schedule.rate(at: place.step)))
    guard norm.isFinite else { throw DivergedError() }
    return shards.reduce(0) { $0 + $1.loss }
  }

  private func endEpoch() throws {
    let score = try ShotTrainer.score(videos, threads: threads) { [optimizer, configuration] frames in
      let detector = ShotDetector(
        optimizer.average, threshold: Float(configuration.network.threshold))
      for frame in frames { detector.append(frame) }
      detector.finish()
      return detector.transitions
    }
    let metrics = EpochMetrics(
      epoch: place.epoch + 1, steps: place.step, trainingLoss: place.crossEntropy / Double(place.words),
      f1: score.f1, precision: score.precision, recall: score.recall, seconds: place.seconds,
      learningRate: schedule.rate(at: place.step - 1))
    let isBest = score.f1 > place.bestScore ?? -.infinity
    place.epoch += 1
    (place.batch, place.crossEntropy, place.words, place.seconds) = (0, 0, 0, 0)
    if isBest {
      (place.bestScore, place.bestEpoch) = (score.f1, place.epoch)
      let model = ShotConfiguration(
        network: configuration.sizes, threshold: Float(configuration.network.threshold))
      try ShotModel.write(model, network: optimizer.average, to: folder)
    }
    try log.append(metrics)
    try LearningCurve.write(
      log.entries(), title: folder.lastPathComponent, to: folder.appendingPathComponent("metrics.svg").path)
    try save()
    try report(.epoch(metrics, isBest: isBest))
  }

  /// How a detector does on videos.
  package static func score(
    _ videos: [ShotComposer.Stretch], threads: Int,
    _ detect: @escaping @Sendable ([Thumbnail]) -> [Transition]
  ) throws -> BoundaryScore {
    let found = parallelMap(videos, threads: threads, work: { detect($0.frames) })
    var score = BoundaryScore()
    for (video, transitions) in zip(videos, found) { score.add(truth: video.transitions, found: transitions) }
    return score
  }

  private func save() throws {
    try Checkpoint(place: place, network: network, optimizer: optimizer).write(to: folder, digest: digest)
  }
}

/// One part of a batch: its memory and its gradient.
private final class ShotShard {
  private(set) var gradient: ShotNetwork
  private(set) var loss = 0.0
  private let arena = Arena()

  init(_ network: ShotNetwork) { gradient = network.zeros }

  /// - Parameter total: frames of the whole batch
  func learn(
    _ network: ShotNetwork, _ stretches: [ShotComposer.Stretch], weights: [Float], total: Int
  ) {
    gradient.fill(0)
    loss = 0
    guard let first = stretches.first else { return }
    arena.reset()
    let (steps, rows, sizes) = (first.frames.count, stretches.count, network.sizes)
    let inputs = arena.floats(steps * rows * sizes.inputs)
    let images = arena.floats(rows * steps * ShotNetwork.imageValues)
    for (row, stretch) in stretches.enumerated() {
      var comparison = FrameComparison()
      for (step, frame) in stretch.frames.enumerated() {
        ShotNetwork.fill(
          frame, after: stretch.frames[max(0, step - 1)],
          into: images + (row * steps + step) * ShotNetwork.imageValues)
        let compared = comparison.append(frame)
        let target = inputs + (step * rows + row) * sizes.inputs + sizes.embedding
        for (index, value) in compared.enumerated() { target[index] = value }
      }
    }
    // Frames lie by row in the convolutions, by step in the recurrence.
    let embedding = ShotEmbedding(network, images: images, frames: rows * steps, arena: arena)
    for row in 0..<rows {
      for step in 0..<steps {
        (inputs + (step * rows + row) * sizes.inputs).update(
          from: embedding.values + (row * steps + step) * sizes.embedding, count: sizes.embedding)
      }
    }
    let pass = ShotPass(network, inputs: inputs, steps: steps, rows: rows, arena: arena)
    var classes = [Int32](repeating: 0, count: steps * rows)
    for (row, stretch) in stretches.enumerated() {
      for (step, kind) in stretch.classes.enumerated() { classes[step * rows + row] = kind }
    }
    let inputGradient = arena.floats(steps * rows * sizes.inputs)
    loss = pass.backward(
      classes: classes, weights: weights, total: total, into: inputGradient, gradient: &gradient)
    let slope = arena.floats(rows * steps * sizes.embedding)
    for row in 0..<rows {
      for step in 0..<steps {
        (slope + (row * steps + step) * sizes.embedding).update(
          from: inputGradient + (step * rows + row) * sizes.inputs, count: sizes.embedding)
      }
    }
    embedding.backward(network, slope, gradient: &gradient, arena: arena)
  }

  func add(_ other: ShotShard) {
    for parameter in gradient.parameters {
      let part = other.gradient[keyPath: parameter.path]
      Networks.add(part.pointer, to: gradient[keyPath: parameter.path].mutablePointer, count: part.count)
    }
  }
}
