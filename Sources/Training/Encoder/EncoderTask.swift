import Compute
import Datasets
import Foundation
import Language
import Models
import Narration
import Networks
import Tensors

/// Learning which words people use of pictures.
final class EncoderTask: TrainingTask {
  /// Of the validation pictures.
  struct Validation {
    /// Mean over pictures, in nats.
    var loss = 0.0
    /// Mean average precision over concepts, of each data set.
    var precisions: [String: Double] = [:]

    /// The mean over data sets; nil where no concept is in enough pictures of any.
    var precision: Double? {
      precisions.isEmpty ? nil : precisions.values.sorted().reduce(0, +) / Double(precisions.count)
    }
  }

  /// A concept of fewer validation pictures says nothing.
  private static let leastPictures = 5

  let schedule: LearningRateSchedule
  private let data: TrainingData
  private let settings: EncoderSettings
  private let output: EncoderOutput
  private let threads: Int
  private let report: (TrainingEvent) throws -> Void
  /// Of all shards of a batch, and those of this process.
  private let (count, own): (Int, Range<Int>)
  private let shards: [EncoderShard]
  private let sampler: BatchSampler
  private var order: BatchSampler.Epoch?
  /// [sources][pictures], of training
  private let shares: [[[Int: Float]]]

  init(
    _ data: TrainingData, _ settings: EncoderSettings, _ network: WordNetwork, output: EncoderOutput,
    threads: Int, processes: ProcessGroup, report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    (self.data, self.settings, self.output) = (data, settings, output)
    (self.threads, self.report) = (threads, report)
    let optimization = settings.optimization
    sampler = BatchSampler(
      captionCounts: data.sources.map { $0.training.map { _ in 1 } }, weights: data.sources.map(\.weight),
      imagesPerBatch: optimization.imagesPerBatch, captionsPerImage: 1, flips: settings.augmentation.flips,
      seed: settings.seed)
    schedule = LearningRateSchedule(
      base: optimization.detectorRate, warmupSteps: optimization.warmupSteps,
      decayPerEpoch: optimization.decayPerEpoch, stepsPerEpoch: sampler.batchesPerEpoch)
    shares = data.sources.map { source in
      source.training.map { output.concepts.shares(of: $0.captions) }
    }
    let images = (optimization.imagesPerBatch + optimization.shards - 1) / optimization.shards
    let own = try processes.share(of: optimization.shards)
    (count, self.own) = (optimization.shards, own)
    // Each shard runs on one thread, and scratch memory is planned for that.
    shards = try ThreadTeam.single.run {
      try own.map { _ in
        EncoderShard(
          network,
          try EncoderTraining(
            settings.network, trainableFrom: settings.firstLearningLayer, frozen: output.original,
            images: images, Engine()), settings.detector)
      }
    }
  }

  var gradient: WordNetwork { shards[0].gradient }

  func rateShare(of tensor: String) -> Double {
    tensor.hasPrefix("encoder.") ? settings.optimization.encoderRate / settings.optimization.detectorRate : 1
  }

  func step(_ network: WordNetwork, at progress: TrainingProgress) throws -> BatchLoss {
    let examples = examples(at: progress)
    var random = RandomGenerator(
      seed: settings.seed ^ 0x6d61_736b, path: UInt64(progress.epoch), UInt64(progress.batch))
    let seed = random.next()
    try parallelMap(
      Array(zip(own, shards)), threads: min(threads, shards.count),
      work: { [count] index, shard in
        let range = index * examples.count / count..<(index + 1) * examples.count / count
        try shard.run(
          network, Array(examples[range]), of: examples.count,
          seed: seed &+ UInt64(index) &* 0x9e37_79b9_7f4a_7c15)
      })
    addInPairs(shards) { $0.add($1) }
    return BatchLoss(
      sum: shards.reduce(0) { $0 + $1.loss },
      count: own.upperBound * examples.count / count - own.lowerBound * examples.count / count)
  }

  private func examples(at progress: TrainingProgress) -> [WordExample] {
    let epoch = order.flatMap { $0.number == progress.epoch ? $0 : nil } ?? sampler.epoch(progress.epoch)
    order = epoch
    return epoch[progress.batch].enumerated().map { index, draw in
      var random = RandomGenerator(
        seed: settings.seed ^ 0x6372_6f70, path: UInt64(progress.epoch), UInt64(progress.batch),
        UInt64(index))
      let example = data.sources[draw.source].training[draw.example]
      // Of a clip one frame.
      let count = example.isVideo ? EncoderOutput.framesPerVideo : example.files.count
      let frame = random.integer(below: count)
      let source: AugmentedFrames.Source =
        example.isVideo
        ? .video(example.files[0], frames: [frame], of: count) : .pictures([example.files[frame]])
      return WordExample(
        picture: AugmentedFrames(
          source, isMirrored: draw.isFlipped, smallestCrop: settings.augmentation.smallestCrop,
          color: settings.augmentation.color, random: random),
        style: draw.source, shares: shares[draw.source][draw.example])
    }
  }

  func validate(_ network: WordNetwork) throws -> Validation {
    let encoders = try withValidationFolder(in: output.folder) { folder in
      let path = folder.appendingPathComponent("encoder.safetensors").path
      try output.write(network, to: path)
      return try ThreadTeam.single.run {
        try GridEncoder(settings.network, weights: SafetensorsFile(path: path), Engine()).forWorkers(threads)
      }
    }
    let held = data.sources.enumerated().filter { !$1.validation.isEmpty }
    var (result, pictures) = (Validation(), 0)
    for (style, source) in held {
      let workers = encoders.map { ($0, Arena()) }
      let examples = source.validation
      let logits = try parallelMap(
        examples, by: workers, chunk: 50 * threads,
        progress: { try report(.validating(done: $0, of: examples.count)) },
        work: { [settings] worker, example in
          try Self.logits(example, network.detector, style, settings.network, worker.0, worker.1)
        })
      let targets = examples.map { output.concepts.shares(of: $0.captions) }
      for (row, target) in zip(logits, targets) {
        for (concept, logit) in row.enumerated() {
          result.loss += WordDetectorPass.crossEntropy(logit, target[concept] ?? 0)
        }
      }
      result.precisions[source.name] = Self.precision(logits, targets)
      pictures += examples.count
    }
    result.loss /= Double(pictures)
    return result
  }

  private static func logits(
    _ example: CaptionDataset.Example, _ detector: WordDetector, _ style: Int, _ network: EfficientNetLite,
    _ encoder: GridEncoder, _ arena: Arena
  ) throws -> [Float] {
    arena.reset()
    let images = try example.images(side: network.inputSize, framesPerVideo: EncoderOutput.framesPerVideo)
    let features = arena.rows(images.count * encoder.positions, EfficientNetLite.channels)
    for (index, image) in images.enumerated() {
      features[index * encoder.positions..<(index + 1) * encoder.positions].copy(from: encoder.encode(image))
    }
    let pass = WordDetectorPass(
      detector, features: Rows(features), images: 1, styles: [style], arena: arena)
    return [Float](Rows(pass.logits))
  }

  /// Mean over the concepts that are in the captions of some pictures.
  /// - Returns: nil where there are none
  private static func precision(_ logits: [[Float]], _ targets: [[Int: Float]]) -> Double? {
    let precisions = (logits.first ?? []).indices.compactMap { concept in
      let scores = zip(logits, targets).map { (score: $0[concept], isSought: $1[concept] != nil) }
      return scores.count { $0.isSought } < leastPictures ? nil : averagePrecision(scores)
    }
    return precisions.isEmpty ? nil : precisions.reduce(0, +) / Double(precisions.count)
  }

  /// By the loss where no precision is known.
  func score(_ validation: Validation) -> Double { validation.precision ?? -validation.loss }

  func note(_ validation: Validation, at progress: TrainingProgress, in metrics: inout EpochMetrics) {
    (metrics.validationLoss, metrics.averagePrecision) = (validation.loss, validation.precision)
    metrics.averagePrecisionBySource = validation.precisions.count > 1 ? validation.precisions : nil
  }

  func save(_ network: WordNetwork, _ validation: Validation) throws {
    try output.write(network, to: output.path)
  }
}
