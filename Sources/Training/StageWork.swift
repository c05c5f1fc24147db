import Compute
import Foundation
import Language
import Narration
import Networks
import Tensors

/// What a stage of training works with: where its examples come from, what computes their gradients, how it validates.
final class StageWork {
  private let stage: TrainingStage
  private let data: TrainingData
  private let configuration: TrainingConfiguration
  private let captions: TrainingCaptions
  private let cache: URL
  private let threads: Int
  private let report: (TrainingEvent) throws -> Void
  /// Nil where the encoder learns.
  private let features: CaptionFeatures?
  /// The weights file that the encoder is from.
  let encoder: SafetensorsFile
  let step: ShardedStep
  let sampler: BatchSampler
  /// The decoder's learning rate.
  let schedule: LearningRateSchedule

  /// - Parameter encoder: a weights file with the encoder that the stage begins with
  init(
    _ stage: TrainingStage, _ data: TrainingData, _ configuration: TrainingConfiguration,
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
    if stage == .fineTuning {
      features = nil
      let (layers, first) = (try configuration.network, try configuration.firstLearningLayer)
      setThreadCount(1)
      step = try ShardedStep(shards: shards, threads: threads) {
        try ShardWorker(
          network,
          encoder: EncoderTraining(
            layers, trainableFrom: first, frozen: encoder, images: (images + shards - 1) / shards, Engine()))
      }
    } else {
      features = try CaptionFeatures(
        data, configuration, encoder: encoder, training: true, cache: cache, threads: threads, report: report)
      let critic =
        stage == .selfCritical
        ? CaptionCritic(
          captions, samples: configuration.selfCritical.samples,
          maximumWords: configuration.decoder.maximumWords) : nil
      step = ShardedStep(shards: shards, threads: threads, drawn: critic?.samples) {
        ShardWorker(network, critic: critic)
      }
    }
  }

  /// The encoder's learning rate as a share of the decoder's.
  var encoderShare: Double { configuration.fineTuning.encoderRate / configuration.fineTuning.decoderRate }

  /// A picture of a batch.
  /// - Parameter index: its place in the batch
  func example(_ draw: BatchSampler.Draw, epoch: Int, batch: Int, index: Int) -> TrainingExample {
    let known = captions.encoded[draw.source][draw.example]
    let chosen = draw.captions.map { draw.isFlipped ? captions.mirrored(known[$0]) : known[$0] }
    let frames =
      features?.frames(draw.source, draw.example, flipped: draw.isFlipped)
      ?? .picture(picture(draw, epoch: epoch, batch: batch, index: index))
    return TrainingExample(
      frames: frames, style: draw.source, index: draw.example, isMirrored: draw.isFlipped, captions: chosen)
  }

  /// Of a clip one frame at random.
  private func picture(_ draw: BatchSampler.Draw, epoch: Int, batch: Int, index: Int) -> AugmentedPicture {
    var random = RandomGenerator(
      seed: configuration.seed ^ 0x6372_6f70, path: UInt64(epoch), UInt64(batch), UInt64(index))
    let example = data.sources[draw.source].training[draw.example]
    let count = example.isVideo ? configuration.decoder.places : example.files.count
    let frame = random.integer(below: count)
    return AugmentedPicture(
      path: example.files[example.isVideo ? 0 : frame], videoFrame: example.isVideo ? (frame, count) : nil,
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
        data, configuration, encoder: SafetensorsFile(path: weights), training: false, cache: folder,
        threads: threads, report: report))
  }
}
