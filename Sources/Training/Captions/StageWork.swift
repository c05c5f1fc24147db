import Compute
import Foundation
import Language
import Models
import Narration
import Networks
import Tensors

/// What a stage of training works with: where its examples come from, what computes their gradients, how it validates.
final class StageWork {
  private let stage: TrainingStage
  private let data: TrainingData
  private let configuration: CaptionSettings
  private let captions: TrainingCaptions
  private let cache: URL
  private let threads: Int
  private let report: (TrainingEvent) throws -> Void
  /// Nil where the encoder learns.
  private let features: CaptionFeatures?
  /// Whether pictures are changed at random, and encoded anew each time.
  private let augments: Bool
  /// The weights file that the encoder is from.
  let encoder: SafetensorsFile
  let step: ShardedStep
  let sampler: BatchSampler
  /// The decoder's learning rate.
  let schedule: LearningRateSchedule

  /// - Parameter encoder: a weights file with the encoder that the stage begins with
  init(
    _ stage: TrainingStage, _ data: TrainingData, _ configuration: CaptionSettings,
    _ captions: TrainingCaptions, _ network: CaptionNetwork, encoder: SafetensorsFile, cache: URL,
    threads: Int, report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    (self.stage, self.data, self.configuration, self.captions) = (stage, data, configuration, captions)
    (self.encoder, self.cache, self.threads, self.report) = (encoder, cache, threads, report)
    sampler = BatchSampler(
      captionCounts: captions.counts, weights: data.sources.map(\.weight), configuration, stage: stage)
    schedule = configuration.schedule(of: stage, stepsPerEpoch: sampler.batchesPerEpoch)
    let optimisation = configuration.optimisation
    let (shards, images) = (optimisation.shards, optimisation.imagesPerBatch)
    let augments = stage == .fineTuning || stage == .selfCritical && configuration.selfCritical.augmentation
    self.augments = augments
    if stage == .fineTuning {
      features = nil
      let (layers, first) = (try configuration.network, try configuration.firstLearningLayer)
      step = try ShardedStep(shards: shards, threads: threads) { _ in
        let training = try ThreadTeam.single.run {
          try EncoderTraining(
            layers, trainableFrom: first, frozen: encoder, images: (images + shards - 1) / shards, Engine())
        }
        return ShardWorker(network, encoder: .learning(training))
      }
    } else {
      features = try CaptionFeatures(
        data, configuration, encoder: encoder, training: !augments, cache: cache, threads: threads,
        report: report)
      let critic =
        stage == .selfCritical
        ? CaptionCritic(
          captions, samples: configuration.selfCritical.samples,
          maximumWords: configuration.decoder.maximumWords) : nil
      var encoders: [GridEncoder] = []
      if augments {
        // Each shard runs on one thread, and scratch memory is planned for that.
        encoders = try ThreadTeam.single.run {
          try GridEncoder(configuration.network, weights: encoder, Engine()).forWorkers(shards)
        }
      }
      step = ShardedStep(shards: shards, threads: threads, drawn: critic?.samples) { [encoders] shard in
        ShardWorker(network, encoder: augments ? .frozen(encoders[shard]) : nil, critic: critic)
      }
    }
  }

  /// The encoder's learning rate as a share of the decoder's.
  var encoderShare: Double { configuration.fineTuning.encoderRate / configuration.fineTuning.decoderRate }

  /// A picture or clip of a batch.
  /// - Parameter index: its place in the batch
  func example(_ draw: BatchSampler.Draw, epoch: Int, batch: Int, index: Int) -> TrainingExample {
    let known = captions.encoded[draw.source][draw.example]
    let chosen = draw.captions.map { draw.isFlipped ? captions.mirrored(known[$0]) : known[$0] }
    let stored = augments ? nil : features?.frames(draw.source, draw.example, flipped: draw.isFlipped)
    return TrainingExample(
      frames: stored ?? .pictures(pictures(draw, epoch: epoch, batch: batch, index: index)),
      style: draw.source, index: draw.example, isMirrored: draw.isFlipped, captions: chosen)
  }

  /// Of a clip one frame at random where the encoder learns, else all.
  private func pictures(_ draw: BatchSampler.Draw, epoch: Int, batch: Int, index: Int) -> AugmentedFrames {
    var random = RandomGenerator(
      seed: configuration.seed ^ 0x6372_6f70, path: UInt64(epoch), UInt64(batch), UInt64(index))
    let example = data.sources[draw.source].training[draw.example]
    let count = example.isVideo ? configuration.decoder.places : example.files.count
    let frames = stage == .fineTuning ? [random.integer(below: count)] : Array(0..<count)
    return AugmentedFrames(
      example.isVideo
        ? .video(example.files[0], frames: frames, of: count) : .pictures(frames.map { example.files[$0] }),
      isMirrored: draw.isFlipped, smallestCrop: configuration.fineTuning.smallestCrop,
      colour: configuration.fineTuning.colour, random: random)
  }

  /// Scores a network on the validation pictures. Where the encoder learns, their features are made for this alone.
  func validate(_ network: CaptionNetwork, _ output: CaptionOutput) throws -> CaptionFeatures.Validation {
    func validation(_ features: CaptionFeatures) throws -> CaptionFeatures.Validation {
      try features.validate(
        network.decoder, vocabulary: captions.vocabulary, configuration: configuration, threads: threads,
        report: report)
    }
    if let features { return try validation(features) }
    let folder = output.folder.appendingPathComponent(".validation-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let weights = folder.appendingPathComponent("model.safetensors").path
    try output.writeWeights(network, encoder: encoder, to: weights)
    return try validation(
      CaptionFeatures(
        data, configuration, encoder: SafetensorsFile(path: weights), training: false, wholeValidation: false,
        cache: folder, threads: threads, report: report))
  }
}
