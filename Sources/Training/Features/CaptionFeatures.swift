import Algorithms
import Compute
import Datasets
import Files
import Foundation
import Language
import Models
import Narration
import Networks
import SystemPackage
import Tensors

/// The cached features of a run's pictures, and validation over them.
struct CaptionFeatures {
  private let data: TrainingData
  private let originals: [FeatureStore]
  private let flipped: [FeatureStore]
  private let validation: [FeatureStore?]
  /// Where each training example's records begin, by source, and where the last one's end.
  private let firstRecords: [[Int]]
  private let framesPerVideo: Int

  /// - Parameters:
  ///   - encoder: a weights file with the encoder's tensors under `encoder`.
  ///   - training: whether the training pictures' are wanted beside the validation pictures'
  ///   - wholeValidation: whether those of all validation pictures are, though `limit` of them will do
  init(
    _ data: TrainingData, _ settings: CaptionSettings, encoder file: SafetensorsFile,
    training: Bool, wholeValidation: Bool = true, cache: URL, threads: Int,
    report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    self.data = data
    let network = settings.network
    let identity =
      "\(network.architecture.rawValue) \(network.inputSize) px \(file.digest(of: "encoder."))"
    try FilePath(cache.path).makeFolder()
    let cache = FeatureCache(
      folder: cache, channels: EfficientNetLite.channels, identity: identity, threads: threads, report: report
    ) { try GridEncoder(network, weights: file, Engine()).forWorkers($0) }
    let framesPerVideo = settings.decoder.frameKnots
    func request(
      _ source: TrainingData.Source, _ examples: [CaptionDataset.Example],
      _ variant: FeatureStoreLayout.Variant
    ) -> FeatureRequest<GridEncoder> {
      FeatureRequest(
        examples, variant, source: source.path, framesPerVideo: framesPerVideo, network: network)
    }
    let held = data.sources.filter { !$0.validation.isEmpty }
    let limit = settings.validation.limit
    var requests = held.map { source in
      let whole = wholeValidation || limit == 0
      return request(source, whole ? source.validation : Array(source.validation.prefix(limit)), .original)
    }
    if training { requests += data.sources.map { request($0, $0.training, .original) } }
    if training, settings.optimization.flips {
      requests += data.sources.map { request($0, $0.training, .flipped) }
    }
    var stores = try cache.stores(requests)[...]
    validation = data.sources.map { $0.validation.isEmpty ? nil : stores.removeFirst() }
    originals = Array(stores.prefix(training ? data.sources.count : 0))
    flipped = Array(stores.dropFirst(originals.count))
    self.framesPerVideo = framesPerVideo
    firstRecords = data.sources.map { Self.firstRecords($0.training, framesPerVideo) }
  }

  /// Of a training picture or clip.
  func frames(_ source: Int, _ index: Int, flipped isFlipped: Bool) -> TrainingExample.Frames {
    .stored(
      isFlipped ? flipped[source] : originals[source],
      records: firstRecords[source][index]..<firstRecords[source][index + 1])
  }

  private static func firstRecords(_ examples: [CaptionDataset.Example], _ framesPerVideo: Int) -> [Int] {
    examples.reductions(0) { $0 + ($1.isVideo ? framesPerVideo : $1.files.count) }
  }

  /// What validation found.
  struct Validation {
    /// Mean over all words, in nats.
    let loss: Double
    /// Mean over the data sets.
    let cider: Double
    let bleu4: Double
    /// CIDEr of each data set, when there are several.
    let bySource: [String: Double]?
    /// See `CaptionTruth`; the means of the data sets'.
    let chairs, chairi, coverage: Double?
  }

  /// The loss on the validation pictures, and the scores of the captions made of them, as `narrate evaluate` has them.
  /// Each data set's are written in its own style.
  func validate(
    _ decoder: CaptionDecoder, vocabulary: Vocabulary, settings: CaptionSettings, threads: Int,
    report: (TrainingEvent) throws -> Void
  ) throws -> Validation {
    var (scores, bySource) = ([CaptionScores](), [String: Double]())
    let network = CaptionNetwork(decoder: decoder)
    let step = ShardedStep(shards: settings.optimization.shards, threads: threads) { _ in
      ShardWorker(network)
    }
    var (loss, truths) = (CaptionLoss(), [CaptionTruth]())
    for (index, (source, store)) in zip(data.sources, validation).enumerated() {
      guard let store else { continue }
      let limit = settings.validation.limit
      let examples = limit > 0 ? Array(source.validation.prefix(limit)) : source.validation
      let first = Self.firstRecords(examples, framesPerVideo)
      let pictures = examples.indices.map { picture in
        TrainingExample(
          frames: .stored(store, records: first[picture]..<first[picture + 1]), style: index,
          captions: examples[picture].captions.map {
            vocabulary.encode(normalizedWords($0), maximumWords: settings.decoder.maximumWords)
          })
      }
      let records = examples.indices.map { first[$0]..<first[$0 + 1] }
      let candidates = try captions(
        decoder, store, records, style: index, vocabulary, settings, threads, report)
      let references = examples.map { $0.captions.map(PTBTokenizer.words) }
      scores.append(CaptionScorer(references: references).scores(candidates).corpus)
      truths.append(
        CaptionTruth.sum(
          candidates.map { $0.joined(separator: " ") }, references: examples.map(\.captions)))
      bySource[source.name] = scores[scores.count - 1].ciderD
      for batch in pictures.chunks(ofCount: settings.optimization.imagesPerBatch) {
        loss += try step.run(network, Array(batch), regularization: .none, seed: 0, learning: false)
      }
    }
    func mean(_ value: (CaptionScores) -> Double) -> Double {
      scores.reduce(0) { $0 + value($1) } / Double(scores.count)
    }
    func meanTruth(_ value: (CaptionTruth) -> Double?) -> Double? {
      let known = truths.compactMap(value)
      return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
    }
    return Validation(
      loss: loss.crossEntropy / Double(loss.words), cider: mean(\.ciderD), bleu4: mean { $0.bleu[3] },
      bySource: scores.count > 1 ? bySource : nil, chairs: meanTruth(\.chairs), chairi: meanTruth(\.chairi),
      coverage: meanTruth(\.coverage))
  }

  /// Captions in words, one a picture; one worker a thread.
  private func captions(
    _ decoder: CaptionDecoder, _ store: FeatureStore, _ pictures: [Range<Int>], style: Int,
    _ vocabulary: Vocabulary, _ settings: CaptionSettings, _ threads: Int,
    _ report: (TrainingEvent) throws -> Void
  ) throws -> [[String]] {
    let layout = store.layout
    let frames = pictures.map(\.count).max() ?? 1
    let half = FixedDecoder(decoder)
    let rules = SentenceRules(vocabulary, repetition: settings.decoding.repetition ?? .any)
    let workers = (0..<threads).map { _ in
      (
        CaptionGenerator(
          half, positions: layout.positions, frames: frames,
          style: decoder.sizes.styles == nil ? 0 : style, width: settings.validation.beam,
          lengthExponent: Float(settings.validation.lengthExponent), rules: rules), Arena()
      )
    }
    return try parallelMap(
      pictures, by: workers, chunk: 50 * threads,
      progress: { try report(.validating(done: $0, of: pictures.count)) },
      work: { worker, records in
        let (generator, arena) = worker
        arena.reset()
        let features = arena.rows(records.count * layout.positions, layout.channels)
        for (frame, record) in records.enumerated() {
          try store.read(
            record, into: features[frame * layout.positions..<(frame + 1) * layout.positions])
        }
        let best = generator.captions(
          Rows(features), maximumWords: settings.decoder.maximumWords
        ).first
        guard let best else { throw DivergedError() }
        return best.words.filter { $0 != Vocabulary.end }.map(vocabulary.word)
      })
  }
}
