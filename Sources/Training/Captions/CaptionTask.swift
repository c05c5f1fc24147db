import Compute
import Foundation
import Language
import Models
import Narration
import Networks
import Tensors

/// A stage of a captioner's training: where its examples come from, what computes their gradients, how it validates.
final class CaptionTask: TrainingTask {
  private let stage: TrainingStage
  private let data: TrainingData
  private let settings: CaptionSettings
  private let captions: TrainingCaptions
  private let output: CaptionOutput
  private let cache: URL
  private let threads: Int
  private let report: (TrainingEvent) throws -> Void
  /// The weights file that the encoder is from.
  private let encoder: SafetensorsFile
  /// What self-critical training began with.
  private let firstDecoder: CaptionDecoder?
  /// Nil where the encoder learns.
  private let features: CaptionFeatures?
  /// Whether pictures are changed at random, and encoded anew each time.
  private let augments: Bool
  private let shards: ShardedStep
  private let sampler: BatchSampler
  private var order: BatchSampler.Epoch?
  /// Of the decoder.
  let schedule: LearningRateSchedule

  /// - Parameters:
  ///   - encoder: a weights file with the encoder that the stage begins with
  ///   - firstDecoder: what self-critical training began with; who follows needs none.
  init(
    _ stage: TrainingStage, _ data: TrainingData, _ settings: CaptionSettings,
    _ captions: TrainingCaptions, _ network: CaptionNetwork, encoder: SafetensorsFile,
    firstDecoder: CaptionDecoder?, output: CaptionOutput, cache: URL, threads: Int,
    processes: ProcessGroup, report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    (self.stage, self.data, self.settings, self.captions) = (stage, data, settings, captions)
    (self.encoder, self.firstDecoder, self.output) = (encoder, firstDecoder, output)
    (self.cache, self.threads, self.report) = (cache, threads, report)
    sampler = BatchSampler(
      captionCounts: captions.counts, weights: data.sources.map(\.weight), settings, stage: stage)
    schedule = settings.schedule(of: stage, stepsPerEpoch: sampler.batchesPerEpoch)
    augments = stage == .fineTuning || stage == .selfCritical && settings.selfCritical.augmentation
    features =
      stage == .fineTuning
      ? nil
      : try CaptionFeatures(
        data, settings, encoder: encoder, training: !augments, cache: cache, threads: threads,
        report: report)
    let critic =
      stage == .selfCritical
      ? CaptionCritic(
        captions, of: data, samples: settings.selfCritical.samples, costs: settings.selfCritical.costs,
        maximumWords: settings.decoder.maximumWords) : nil
    let own = try processes.share(of: settings.optimization.shards)
    let encoders =
      augments ? try Self.encoders(own.count, settings, encoder, learning: stage == .fineTuning) : []
    shards = ShardedStep(
      shards: settings.optimization.shards, own: own, threads: threads, drawn: critic?.samples
    ) { shard in
      let encoder = encoders.isEmpty ? nil : encoders[shard - own.lowerBound]
      return ShardWorker(
        network, encoder: encoder, critic: critic, precision: settings.optimization.precision)
    }
  }

  /// What makes features of pictures, for so many shards.
  private static func encoders(
    _ count: Int, _ settings: CaptionSettings, _ weights: SafetensorsFile, learning: Bool
  ) throws -> [ShardWorker.Encoder] {
    let (shards, images) = (settings.optimization.shards, settings.optimization.imagesPerBatch)
    let network = settings.network
    // Each shard runs on one thread, and scratch memory is planned for that.
    return try ThreadTeam.single.run {
      guard learning else {
        return try GridEncoder(network, weights: weights, Engine()).forWorkers(count).map { .frozen($0) }
      }
      let first = settings.firstLearningLayer
      return try (0..<count).map { _ in
        .learning(
          try EncoderTraining(
            network, trainableFrom: first, frozen: weights, images: (images + shards - 1) / shards, Engine()))
      }
    }
  }

  func step(_ network: CaptionNetwork, at progress: TrainingProgress) throws -> BatchLoss {
    let examples = draws(at: progress).enumerated().map { index, draw in
      example(draw, at: progress, index: index)
    }
    var random = RandomGenerator(
      seed: settings.seed ^ 0x6d61_736b, path: UInt64(progress.epoch), UInt64(progress.batch))
    let loss = try shards.run(
      network, examples, regularization: settings.regularization(of: stage), seed: random.next(),
      learning: true)
    return BatchLoss(
      sum: loss.crossEntropy, count: loss.words, captions: loss.captions, reward: loss.reward)
  }

  var gradient: CaptionNetwork { shards.gradient }

  /// The encoder's learning rate has a setting of its own.
  func rateShare(of tensor: String) -> Double {
    tensor.hasPrefix("encoder.")
      ? settings.fineTuning.encoderRate / settings.fineTuning.decoderRate : 1
  }

  private func draws(at progress: TrainingProgress) -> [BatchSampler.Draw] {
    let order = order?.number == progress.epoch ? order : nil
    let epoch = order ?? sampler.epoch(progress.epoch)
    self.order = epoch
    return epoch[progress.batch]
  }

  /// A picture or clip of a batch.
  /// - Parameter index: in the batch
  private func example(
    _ draw: BatchSampler.Draw, at progress: TrainingProgress, index: Int
  ) -> TrainingExample {
    let known = captions.encoded[draw.source][draw.example]
    let chosen = draw.captions.map { draw.isFlipped ? captions.mirrored(known[$0]) : known[$0] }
    let stored = augments ? nil : features?.frames(draw.source, draw.example, flipped: draw.isFlipped)
    return TrainingExample(
      frames: stored ?? .pictures(pictures(draw, at: progress, index: index)),
      style: draw.source, index: draw.example, isMirrored: draw.isFlipped, captions: chosen)
  }

  /// Of a clip one frame at random where the encoder learns, else all.
  private func pictures(_ draw: BatchSampler.Draw, at progress: TrainingProgress, index: Int)
    -> AugmentedFrames
  {
    var random = RandomGenerator(
      seed: settings.seed ^ 0x6372_6f70, path: UInt64(progress.epoch), UInt64(progress.batch),
      UInt64(index))
    let example = data.sources[draw.source].training[draw.example]
    let count = example.isVideo ? settings.decoder.frameKnots : example.files.count
    let frames = stage == .fineTuning ? [random.integer(below: count)] : Array(0..<count)
    return AugmentedFrames(
      example.isVideo
        ? .video(example.files[0], frames: frames, of: count) : .pictures(frames.map { example.files[$0] }),
      isMirrored: draw.isFlipped, smallestCrop: settings.fineTuning.smallestCrop,
      color: settings.fineTuning.color, random: random)
  }

  /// Of the last stage's, the decoder is between the one that it began with and what that has become.
  func model(_ average: CaptionNetwork) -> CaptionNetwork {
    guard stage == .selfCritical, let firstDecoder else { return average }
    var model = average
    model.decoder = firstDecoder.interpolated(
      to: average.decoder, share: Float(settings.selfCritical.interpolation))
    return model
  }

  /// Scores a network on the validation pictures. Where the encoder learns, their features are made for this alone.
  func validate(_ network: CaptionNetwork) throws -> CaptionFeatures.Validation {
    func validation(_ features: CaptionFeatures) throws -> CaptionFeatures.Validation {
      try features.validate(
        network.decoder, vocabulary: captions.vocabulary, settings: settings, threads: threads,
        report: report)
    }
    if let features { return try validation(features) }
    return try withValidationFolder(in: output.folder) { folder in
      let weights = folder.appendingPathComponent("model.safetensors").path
      try output.writeWeights(network, encoder: encoder, to: weights)
      return try validation(
        CaptionFeatures(
          data, settings, encoder: SafetensorsFile(path: weights), training: false, wholeValidation: false,
          cache: folder, threads: threads, report: report))
    }
  }

  func score(_ validation: CaptionFeatures.Validation) -> Double {
    CaptionEvaluation.score(cider: validation.cider, chairs: validation.chairs ?? 0)
  }

  func note(
    _ validation: CaptionFeatures.Validation, at progress: TrainingProgress, in metrics: inout EpochMetrics
  ) {
    metrics.stage = stage
    metrics.validationLoss = validation.loss
    metrics.reward = progress.captions > 0 ? progress.reward / Double(progress.captions) : nil
    (metrics.cider, metrics.bleu4) = (validation.cider, validation.bleu4)
    metrics.ciderBySource = validation.bySource
    (metrics.chairs, metrics.chairi) = (validation.chairs, validation.chairi)
    metrics.coverage = validation.coverage
    metrics.tokensPerSecond = Double(progress.words) / progress.seconds
  }

  func save(_ model: CaptionNetwork, _ validation: CaptionFeatures.Validation) throws {
    try output.writeModel(model, encoder: encoder)
  }
}
