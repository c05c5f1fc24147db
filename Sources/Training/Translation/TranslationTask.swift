import Algorithms
import Compute
import Foundation
import Language
import Models
import Narration
import Networks
import Tensors

/// Learning to translate.
final class TranslationTask: TrainingTask {
  typealias Network = TranslationNetwork<Tensor>

  /// Of the validation sentences.
  struct Validation {
    /// Mean cross-entropy of a unit, in nats.
    var loss = 0.0
    /// Of each language.
    var bleu: [Double] = []
    var chrf: [Double] = []
  }

  let schedule: LearningRateSchedule
  private let data: TranslationData
  private let settings: TranslationSettings
  private let configuration: TranslationConfiguration
  private let folder: URL
  private let threads: Int
  private let report: (TrainingEvent) throws -> Void
  /// Of all shards of a batch, and those of this process.
  private let (count, own): (Int, Range<Int>)
  private let shards: [TranslationShard]
  /// The training examples as an epoch has them, in batches.
  private var order: (epoch: Int, batches: [[Int]])?

  init(
    _ data: TranslationData, _ settings: TranslationSettings, _ configuration: TranslationConfiguration,
    _ network: Network, output folder: URL, threads: Int, processes: ProcessGroup,
    report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    (self.data, self.settings, self.configuration) = (data, settings, configuration)
    (self.folder, self.threads, self.report) = (folder, threads, report)
    let optimization = settings.optimization
    schedule = LearningRateSchedule(
      base: optimization.learningRate, warmupSteps: optimization.warmupSteps,
      decayPerEpoch: optimization.decayPerEpoch,
      stepsPerEpoch: (data.count + optimization.sentencesPerBatch - 1) / optimization.sentencesPerBatch)
    (count, own) = (optimization.shards, try processes.share(of: optimization.shards))
    shards = own.map { _ in TranslationShard(network, optimization.precision) }
  }

  /// The sum over this process's shards.
  var gradient: Network { shards[0].gradient }

  func step(_ network: Network, at progress: TrainingProgress) throws -> BatchLoss {
    let (seed, epoch) = (settings.seed, UInt64(progress.epoch))
    let pairs = batch(at: progress).map { index in
      var random = RandomGenerator(seed: seed ^ 0x756e_6974, path: epoch, UInt64(index))
      return data.example(index, using: &random)
    }
    var random = RandomGenerator(seed: seed ^ 0x6d61_736b, path: epoch, UInt64(progress.batch))
    let masks = random.next()
    let totals = Self.totals(pairs)
    let regularization = settings.regularization.network
    parallelMap(
      Array(zip(own, shards)), threads: threads,
      work: { [count] index, shard in
        shard.learn(
          network, Array(pairs[index * pairs.count / count..<(index + 1) * pairs.count / count]),
          regularization: regularization, totals: totals,
          seed: masks &+ UInt64(index) &* 0x9e37_79b9_7f4a_7c15)
      })
    addInPairs(shards) { $0.add($1) }
    let loss = shards.reduce(into: CaptionLoss()) { $0 += $1.loss }
    return BatchLoss(sum: loss.crossEntropy, count: loss.words)
  }

  private static func totals(_ pairs: [TranslationPair]) -> TeacherForcing.Totals {
    TeacherForcing.Totals(words: pairs.reduce(0) { $0 + $1.target.count - 1 }, captions: pairs.count)
  }

  /// Batches whose sentences are sorted by length within parts of the epoch are computed with little padding.
  private static let sortedBatches = 40

  /// The examples of a batch. An epoch's last one may be smaller.
  private func batch(at progress: TrainingProgress) -> [Int] {
    if order?.epoch != progress.epoch {
      var random = RandomGenerator(seed: settings.seed, path: UInt64(progress.epoch))
      var examples = Array(0..<data.count)
      random.shuffle(&examples)
      let size = settings.optimization.sentencesPerBatch
      var batches = examples.chunks(ofCount: size * Self.sortedBatches).flatMap { part in
        part.sorted { (data.length($0), $0) < (data.length($1), $1) }.chunks(ofCount: size).map(Array.init)
      }
      random.shuffle(&batches)
      order = (progress.epoch, batches)
    }
    return order?.batches[progress.batch] ?? []
  }

  func validate(_ network: Network) throws -> Validation {
    var validation = Validation()
    let limit = settings.validation.limit > 0 ? settings.validation.limit : .max
    let sentences = Array(0..<min(limit, data.validation.source.count))
    let fixed = TranslationNetwork<FixedMatrix>(network)
    var loss = CaptionLoss()
    for language in data.languages.indices {
      let pairs = sentences.map { data.validationPair($0, language: language) }
      let workers = (0..<threads).map { _ in
        (
          TranslationSearch(
            fixed, language: language, beam: settings.validation.beam,
            lengthExponent: Float(settings.validation.lengthExponent), batch: Self.validationBatch,
            mostUnits: pairs.map(\.source.count).max() ?? 1), TranslationShard(network, .single)
        )
      }
      let batches = pairs.chunks(ofCount: Self.validationBatch).map(Array.init)
      let results = try parallelMap(
        batches, by: workers, chunk: 10 * threads,
        progress: { try self.report(.validating(done: $0, of: batches.count)) },
        work: { [data] worker, pairs in
          let loss = worker.1.loss(network, pairs)
          return (worker.0.translations(pairs.map(\.source)).map { data.units.target.decode($0) }, loss)
        })
      let translations = results.flatMap { $0.0 }
      let references = sentences.map { data.validation.targets[language][$0] }
      validation.bleu.append(TranslationBLEU(translations, references: references).score)
      validation.chrf.append(TranslationChrF(translations, references: references).score)
      for result in results { loss += result.1 }
    }
    validation.loss = loss.crossEntropy / Double(loss.words)
    return validation
  }

  private static let validationBatch = 8

  func score(_ validation: Validation) -> Double { Self.mean(validation.bleu) }

  func note(_ validation: Validation, at progress: TrainingProgress, in metrics: inout EpochMetrics) {
    metrics.validationLoss = validation.loss
    (metrics.bleu, metrics.chrf) = (Self.mean(validation.bleu), Self.mean(validation.chrf))
    if data.languages.count > 1 {
      metrics.bleuBySource = Dictionary(uniqueKeysWithValues: zip(data.languages, validation.bleu))
    }
    metrics.tokensPerSecond = Double(progress.words) / progress.seconds
  }

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  func save(_ network: Network, _ validation: Validation) throws {
    try TranslationModel.write(
      configuration, source: data.units.source, target: data.units.target, network: network, to: folder)
  }
}

/// One shard of a batch, its memory and its gradient.
final class TranslationShard {
  private let pass = TranslationForcing()
  private let precision: ProductPrecision
  private var decoderGradient: CaptionDecoder?
  private var encoderGradient: SentenceEncoder<Tensor>
  private(set) var loss = CaptionLoss()

  /// - Parameter precision: of products of matrices while it learns
  init(_ network: TranslationNetwork<Tensor>, _ precision: ProductPrecision) {
    self.precision = precision
    (decoderGradient, encoderGradient) = (network.decoder.zeros, network.encoder.zeros)
  }

  var gradient: TranslationNetwork<Tensor> {
    guard let decoderGradient else { preconditionFailure("a shard keeps its gradient") }
    return TranslationNetwork(encoder: encoderGradient, decoder: decoderGradient)
  }

  /// - Parameter totals: of the whole batch
  func learn(
    _ network: TranslationNetwork<Tensor>, _ pairs: [TranslationPair], regularization: Regularization,
    totals: TeacherForcing.Totals, seed: UInt64
  ) {
    loss = CaptionLoss()
    decoderGradient?.fill(0)
    encoderGradient.fill(0)
    guard !pairs.isEmpty else { return }
    loss = precision.run {
      pass.run(
        network, pairs, regularization: regularization, totals: totals, seed: seed,
        gradient: &decoderGradient, encoderGradient: &encoderGradient)
    }
  }

  /// The loss alone, without dropout and smoothing.
  func loss(_ network: TranslationNetwork<Tensor>, _ pairs: [TranslationPair]) -> CaptionLoss {
    var none: CaptionDecoder?
    return pass.run(
      network, pairs, regularization: .none, totals: .init(words: 1, captions: 1), seed: 0, gradient: &none,
      encoderGradient: &encoderGradient)
  }

  func add(_ other: TranslationShard) {
    // A shard keeps its gradient.
    if let theirs = other.decoderGradient { decoderGradient!.accumulate(theirs) }
    encoderGradient.accumulate(other.encoderGradient)
  }
}
