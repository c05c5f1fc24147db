import Compute
import Foundation
import Models
import Narration
import Networks
import Scenes
import Tensors

/// Learning to find the transitions of composed stretches of video.
final class ShotTask: TrainingTask {
  let schedule: LearningRateSchedule
  /// Frames of a batch.
  let itemsPerCount: Int
  private let settings: ShotSettings
  private let composer: ShotComposer
  private let videos: [ShotComposer.Stretch]
  private let folder: URL
  private let threads: Int
  private let shards: [ShotShard]

  init(
    _ data: ShotData, _ settings: ShotSettings, _ network: ShotNetwork, output folder: URL, threads: Int
  ) {
    (self.settings, self.folder, self.threads) = (settings, folder, threads)
    composer = ShotComposer(data.training, .learning)
    videos = ShotTrainer.validation(data, settings.validation)
    let optimization = settings.optimization
    schedule = LearningRateSchedule(
      base: optimization.learningRate, warmupSteps: optimization.warmupSteps,
      decayPerEpoch: optimization.decayPerEpoch, stepsPerEpoch: optimization.batchesPerEpoch)
    itemsPerCount = optimization.stretchesPerBatch * ShotDetector.window
    shards = (0..<optimization.shards).map { _ in ShotShard(network) }
  }

  /// The sum over the shards.
  var gradient: ShotNetwork { shards[0].gradient }

  func step(_ network: ShotNetwork, at progress: TrainingProgress) throws -> BatchLoss {
    let count = settings.optimization.stretchesPerBatch
    let (seed, epoch, batch) = (settings.seed, UInt64(progress.epoch), UInt64(progress.batch))
    var weights = [Float](repeating: 1, count: TransitionDecoder.classes)
    weights[1] = Float(settings.optimization.cutWeight)
    let shardCount = shards.count
    parallelMap(
      Array(shards.enumerated()), threads: threads,
      work: { [weights, composer] index, shard in
        let rows = index * count / shardCount..<(index + 1) * count / shardCount
        let stretches = rows.map { row in
          var random = RandomGenerator(seed: seed, path: epoch, batch, UInt64(row))
          return composer.stretch(frames: ShotDetector.window, &random)
        }
        shard.learn(network, stretches, weights: weights, total: count * ShotDetector.window)
      })
    for shard in shards.dropFirst() { shards[0].add(shard) }
    return BatchLoss(sum: shards.reduce(0) { $0 + $1.loss }, count: 1)
  }

  func validate(_ network: ShotNetwork) throws -> BoundaryScore {
    let threshold = Float(settings.network.threshold)
    return try ShotTrainer.score(videos, threads: threads) { frames in
      let detector = ShotDetector(network, threshold: threshold)
      for frame in frames { detector.append(frame) }
      detector.finish()
      return detector.transitions
    }
  }

  func score(_ validation: BoundaryScore) -> Double { validation.f1 }

  func note(_ validation: BoundaryScore, at progress: TrainingProgress, in metrics: inout EpochMetrics) {
    (metrics.f1, metrics.precision, metrics.recall) = (
      validation.f1, validation.precision, validation.recall
    )
  }

  func save(_ network: ShotNetwork, _ validation: BoundaryScore) throws {
    let model = ShotConfiguration(
      network: settings.sizes, threshold: Float(settings.network.threshold))
    try ShotModel.write(model, network: network, to: folder)
  }
}
