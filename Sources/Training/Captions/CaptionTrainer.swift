import Foundation
import Language
import Models
import Narration
import Networks
import Tensors

/// Trains a captioner and writes its model folder: see `TrainingStage`.
///
/// The output folder holds the model (the moving average of the weights that scored best on validation), the
/// checkpoint, `metrics.jsonl` and its plot.
package final class CaptionTrainer {
  private let configuration: CaptionSettings
  private let data: TrainingData
  private let encoder: SafetensorsFile
  private let cache: URL
  private let captions: TrainingCaptions
  private let output: CaptionOutput
  private let threads: Int
  private let report: (TrainingEvent) throws -> Void
  private let digest: String

  private var place = TrainingPlace()
  private var network: CaptionNetwork
  private var optimizer: AdamW<CaptionNetwork>
  /// Whether there are steps that no checkpoint holds.
  private var isUnsaved = false
  /// What self-critical training began with.
  private var firstDecoder: CaptionDecoder?

  /// - Parameters:
  ///   - encoder: a weights file with the encoder's tensors under `encoder`.
  ///   - base: a model to go on from; nil begins with a decoder of random weights.
  ///   - report: told what happens; may throw to stop the run after the current step.
  package init(
    data: TrainingData, configuration: CaptionSettings, encoder: SafetensorsFile,
    base: CaptionModel? = nil, output folder: URL,
    cache: URL, threads: Int, resuming: Bool, report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    (self.configuration, self.data, self.encoder) = (configuration, data, encoder)
    (self.cache, self.threads, self.report) = (cache, threads, report)
    captions = TrainingCaptions(data, configuration)
    let sizes = configuration.sizes(words: captions.vocabulary.count, data)
    var random = Optional(RandomGenerator(seed: configuration.seed))
    network = CaptionNetwork(decoder: CaptionDecoder(sizes, using: &random))
    if let base {
      try network.decoder.adapt(base, words: captions.vocabulary, styles: data.sources.map(\.name))
    }
    optimizer = AdamW(network, settings: configuration.optimizer)
    output = try CaptionOutput(
      folder, configuration: configuration, data: data, vocabulary: captions.vocabulary)
    digest = try configuration.digest(
      "\(encoder.digest(of: "encoder.")) \(base?.weightsDigest ?? "") \(data.digest)")
    place.stage = configuration.stages[0]
    if resuming, let place = try Checkpoint<CaptionNetwork>.place(in: folder, digest: digest) {
      self.place = place
      if place.stage == .fineTuning {
        network.encoder = try EncoderWeights(
          configuration.network.layers[configuration.firstLearningLayer...], from: encoder)
      }
      if let checkpoint = try Checkpoint(
        in: folder, digest: digest, blank: network, settings: configuration.optimizer)
      {
        (network, optimizer) = (checkpoint.network, checkpoint.optimizer)
      }
      if place.stage == .selfCritical { firstDecoder = try output.firstDecoder(sizes, digest: digest) }
    }
    try output.begin(after: place.epoch)
  }

  /// Trains through all stages, each until its last epoch, or until `patience` epochs went by without a better score.
  package func run() throws {
    for stage in configuration.stages where place.stage.isSameOrBefore(stage) {
      if place.stage != stage || place.epoch + place.batch == 0 { try begin(stage) }
      guard isGoingOn else { continue }
      let work = try StageWork(
        stage, data, configuration, captions, network,
        encoder: place.hasFineTuned ? output.fineTunedEncoder : encoder, cache: cache, threads: threads,
        report: report)
      while isGoingOn { try runEpoch(work) }
    }
    try report(.finished(epochs: place.epoch, bestEpoch: place.bestEpoch, score: place.bestScore ?? 0))
  }

  private var isGoingOn: Bool {
    place.epoch - place.stageBegan < configuration.epochs(of: place.stage)
      && (place.bestScore == nil
        || place.epoch - max(place.bestEpoch, place.stageBegan) < configuration.optimisation.patience)
  }

  /// Goes on with the moving average of the weights.
  private func begin(_ stage: TrainingStage) throws {
    if optimizer.step > 0 { network = optimizer.average }
    if place.stage == .fineTuning, stage != .fineTuning, optimizer.step > 0 {
      try output.writeEncoder(network, from: encoder)
      place.hasFineTuned = true
    }
    if stage == .selfCritical {
      firstDecoder = network.decoder
      try output.writeDecoder(network.decoder, digest: digest)
    }
    (place.stage, place.stageBegan, place.step) = (stage, place.epoch, 0)
    // Of an epoch that was broken off for this stage nothing is left.
    place.beginEpoch()
    network.encoder =
      stage == .fineTuning
      ? try EncoderWeights(configuration.network.layers[configuration.firstLearningLayer...], from: encoder)
      : EncoderWeights([])
    optimizer = AdamW(network, settings: configuration.optimizer)
  }

  private func runEpoch(_ work: StageWork) throws {
    let sampler = work.sampler
    let order = sampler.epoch(place.epoch)
    let began = Date()
    let secondsBefore = place.seconds
    var saved = began
    while place.batch < sampler.batchesPerEpoch {
      let loss = try run(order[place.batch], work)
      place.batch += 1
      place.step += 1
      place.crossEntropy += loss.crossEntropy
      place.words += loss.words
      place.reward += loss.reward
      place.captions += loss.captions
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
    try save()
    try endEpoch(work)
  }

  /// A batch's step. One that cannot be taken, as where a picture is not there any more, costs nothing that was learned.
  private func run(_ draws: [BatchSampler.Draw], _ work: StageWork) throws -> CaptionLoss {
    do {
      return try learn(draws, work)
    } catch let error where !(error is DivergedError) {
      // What ended the run is told, even if this fails too.
      if isUnsaved { try? save() }
      throw error
    }
  }

  private func learn(_ draws: [BatchSampler.Draw], _ work: StageWork) throws -> CaptionLoss {
    let examples = draws.enumerated().map { index, draw in
      work.example(draw, epoch: place.epoch, batch: place.batch, index: index)
    }
    var random = RandomGenerator(
      seed: configuration.seed ^ 0x6d61_736b, path: UInt64(place.epoch), UInt64(place.batch))
    let loss = try work.step.run(
      network, examples, regularization: configuration.regularization(of: place.stage), seed: random.next(),
      learning: true)
    guard loss.crossEntropy.isFinite else { throw DivergedError() }
    let rate = work.schedule.rate(at: place.step)
    let norm = optimizer.update(&network, gradient: work.step.gradient) { name in
      Float(rate * (name.hasPrefix("encoder.") ? work.encoderShare : 1))
    }
    guard norm.isFinite else { throw DivergedError() }
    isUnsaved = true
    return loss
  }

  /// The weights that the model would have now.
  private var model: CaptionNetwork {
    var model = optimizer.average
    if place.stage == .selfCritical, let firstDecoder {
      model.decoder = firstDecoder.interpolated(
        to: model.decoder, share: Float(configuration.selfCritical.interpolation))
    }
    return model
  }

  private func endEpoch(_ work: StageWork) throws {
    let model = model
    let validation = try work.validate(model, output)
    let rate = work.schedule.rate(at: place.step - 1)
    let metrics = EpochMetrics(
      epoch: place.epoch + 1, stage: place.stage, steps: place.step,
      trainingLoss: place.crossEntropy / Double(place.words), validationLoss: validation.loss,
      reward: place.captions > 0 ? place.reward / Double(place.captions) : nil,
      cider: validation.cider, bleu4: validation.bleu4, ciderBySource: validation.bySource,
      tokensPerSecond: Double(place.words) / place.seconds, seconds: place.seconds, learningRate: rate)
    let isBest = validation.cider > place.bestScore ?? -.infinity
    place.epoch += 1
    place.beginEpoch()
    if isBest {
      (place.bestScore, place.bestEpoch) = (validation.cider, place.epoch)
      try output.writeModel(model, encoder: work.encoder)
    }
    try output.append(metrics)
    try save()
    try report(.epoch(metrics, isBest: isBest))
  }

  private func save() throws {
    try Checkpoint(place: place, network: network, optimizer: optimizer).write(
      to: output.folder, digest: digest)
    isUnsaved = false
  }
}
