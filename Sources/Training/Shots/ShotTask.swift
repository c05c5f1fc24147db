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
  private let data: ShotData
  private lazy var videos = ShotTrainer.validation(data, settings.validation)
  private let folder: URL
  private let threads: Int
  /// Of all shards of a batch, and those of this process.
  private let (count, own): (Int, Range<Int>)
  private let shards: [ShotShard]

  init(
    _ data: ShotData, _ settings: ShotSettings, _ network: ShotNetwork, output folder: URL, threads: Int,
    processes: ProcessGroup
  ) throws {
    (self.settings, self.folder, self.threads) = (settings, folder, threads)
    (self.data, composer) = (data, ShotComposer(data.training, .learning))
    let optimization = settings.optimization
    schedule = LearningRateSchedule(
      base: optimization.learningRate, warmupSteps: optimization.warmupSteps,
      decayPerEpoch: optimization.decayPerEpoch, stepsPerEpoch: optimization.batchesPerEpoch)
    itemsPerCount = optimization.stretchesPerBatch * ShotDetector.window
    (count, own) = (optimization.shards, try processes.share(of: optimization.shards))
    shards = own.map { _ in ShotShard(network) }
  }

  /// The sum over this process's shards.
  var gradient: ShotNetwork { shards[0].gradient }

  func step(_ network: ShotNetwork, at progress: TrainingProgress) throws -> BatchLoss {
    let rows = settings.optimization.stretchesPerBatch
    let (seed, epoch, batch) = (settings.seed, UInt64(progress.epoch), UInt64(progress.batch))
    var weights = [Float](repeating: 1, count: TransitionDecoder.classes)
    weights[1] = Float(settings.optimization.cutWeight)
    parallelMap(
      Array(zip(own, shards)), threads: threads,
      work: { [weights, composer, count] index, shard in
        let stretches = (index * rows / count..<(index + 1) * rows / count).map { row in
          var random = RandomGenerator(seed: seed, path: epoch, batch, UInt64(row))
          return composer.stretch(frames: ShotDetector.window, &random)
        }
        shard.learn(network, stretches, weights: weights, total: rows * ShotDetector.window)
      })
    addInPairs(shards) { $0.add($1) }
    // A batch is counted once, by whoever has its first shard.
    return BatchLoss(sum: shards.reduce(0) { $0 + $1.loss }, count: own.lowerBound == 0 ? 1 : 0)
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
