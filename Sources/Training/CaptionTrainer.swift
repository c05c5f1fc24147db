import Foundation
import Language
import Narration
import Networks
import Tensors

/// Trains a captioner's decoder on a frozen encoder's features and writes its model folder.
///
/// The output folder holds the model (the moving average of the weights that scored best on validation), the
/// checkpoint, `metrics.jsonl` and its plot.
package final class CaptionTrainer {
  private let configuration: TrainingConfiguration
  private let features: CaptionFeatures
  private let vocabulary: Vocabulary
  private let training: [[[[Int32]]]]  // source, example, caption
  private let sampler: BatchSampler
  private let schedule: LearningRateSchedule
  private let output: CaptionOutput
  private let threads: Int
  private let report: (TrainingEvent) throws -> Void

  private var place = TrainingPlace()
  private var decoder: CaptionDecoder
  private var optimizer: AdamW<CaptionDecoder>
  private let step: ShardedStep
  private let digest: String

  /// - Parameters:
  ///   - encoder: a weights file with the frozen encoder's tensors under `encoder`.
  ///   - report: told what happens; may throw to stop the run after the current step.
  package init(
    data: TrainingData, configuration: TrainingConfiguration, encoder: SafetensorsFile, output folder: URL,
    cache: URL, threads: Int, resuming: Bool, report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    (self.configuration, self.threads, self.report) = (configuration, threads, report)
    let words = data.sources.map { source in
      mostAgreeing(source.training.map(\.captions), count: configuration.captions.mostAgreeing).map {
        $0.map(normalizedWords)
      }
    }
    let vocabulary = Vocabulary(
      captions: words.joined().joined(), minimumCount: configuration.vocabulary.minimumCount)
    self.vocabulary = vocabulary
    training = words.map { source in
      source.map { captions in
        captions.map { vocabulary.encode($0, maximumWords: configuration.decoder.maximumWords) }
      }
    }
    features = try CaptionFeatures(
      data, configuration, encoder: encoder, cache: cache, threads: threads, report: report)
    sampler = BatchSampler(
      captionCounts: words.map { $0.map(\.count) }, weights: data.sources.map(\.weight), configuration)
    schedule = LearningRateSchedule(configuration.optimisation, stepsPerEpoch: sampler.batchesPerEpoch)
    let sizes = configuration.sizes(words: vocabulary.count, data)
    var random = Optional(RandomGenerator(seed: configuration.seed))
    decoder = CaptionDecoder(sizes, using: &random)
    optimizer = AdamW(decoder, settings: configuration.optimizer)
    step = ShardedStep(decoder, shards: configuration.optimisation.shards, threads: threads)
    output = try CaptionOutput(
      folder, configuration: configuration, data: data, vocabulary: vocabulary, encoder: encoder)
    digest = try configuration.digest("\(features.identity) \(data.digest)")
    if resuming,
      let checkpoint = try Checkpoint(
        in: folder, digest: digest, blank: decoder, settings: configuration.optimizer)
    {
      (place, decoder, optimizer) = (checkpoint.place, checkpoint.network, checkpoint.optimizer)
    }
    try output.begin(after: place.epoch)
  }

  /// Trains until the last epoch, or until `patience` epochs went by without a better score.
  package func run() throws {
    let settings = configuration.optimisation
    while place.epoch < settings.epochs,
      place.epoch - place.bestEpoch < settings.patience || place.bestScore == nil
    {
      try runEpoch()
    }
    try report(.finished(epochs: place.epoch, bestEpoch: place.bestEpoch, score: place.bestScore ?? 0))
  }

  private func runEpoch() throws {
    let order = sampler.epoch(place.epoch)
    let began = Date()
    let secondsBefore = place.seconds
    var saved = began
    while place.batch < sampler.batchesPerEpoch {
      let loss = try runBatch(order[place.batch])
      place.batch += 1
      place.step += 1
      place.crossEntropy += loss.crossEntropy
      place.words += loss.words
      place.seconds = secondsBefore + Date().timeIntervalSince(began)
      do {
        try report(
          .step(
            epoch: place.epoch + 1, batch: place.batch, of: sampler.batchesPerEpoch,
            loss: place.crossEntropy / Double(place.words),
            wordsPerSecond: Double(place.words) / place.seconds))
      } catch {
        try save()
        throw error
      }
      if Date().timeIntervalSince(saved) > 120 {
        try save()
        saved = Date()
      }
    }
    try endEpoch()
  }

  private func runBatch(_ draws: [BatchSampler.Draw]) throws -> CaptionLoss {
    let examples = draws.map { draw in
      features.example(
        draw.source, draw.example, flipped: draw.isFlipped,
        captions: draw.captions.map { training[draw.source][draw.example][$0] })
    }
    var random = RandomGenerator(
      seed: configuration.seed ^ 0x6d61_736b, path: UInt64(place.epoch), UInt64(place.batch))
    let loss = try step.run(
      decoder, examples, regularization: configuration.regularization, seed: random.next(), learning: true)
    optimizer.update(&decoder, gradient: step.gradient, rate: Float(schedule.rate(at: place.step)))
    return loss
  }

  private func endEpoch() throws {
    let average = optimizer.average
    let validation = try features.validate(
      average, vocabulary: vocabulary, configuration: configuration, threads: threads, report: report)
    let rate = schedule.rate(at: place.step - 1)
    let metrics = EpochMetrics(
      epoch: place.epoch + 1, steps: place.step, trainingLoss: place.crossEntropy / Double(place.words),
      validationLoss: validation.loss, cider: validation.cider, bleu4: validation.bleu4,
      ciderBySource: validation.bySource,
      tokensPerSecond: Double(place.words) / place.seconds, seconds: place.seconds, learningRate: rate)
    let isBest = validation.cider > place.bestScore ?? -.infinity
    place.epoch += 1
    (place.batch, place.crossEntropy, place.words, place.seconds) = (0, 0, 0, 0)
    if isBest {
      (place.bestScore, place.bestEpoch) = (validation.cider, place.epoch)
      try output.writeModel(average)
    }
    try output.append(metrics)
    try save()
    try report(.epoch(metrics, isBest: isBest))
  }

  private func save() throws {
    try Checkpoint(place: place, network: decoder, optimizer: optimizer).write(
      to: output.folder, digest: digest)
  }
}
