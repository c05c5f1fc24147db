import Compute
import Files
import Foundation
import Language
import Narration
import Networks
import Tensors

/// The cached features of a run's pictures, and validation over them.
struct CaptionFeatures {
  private let data: TrainingData
  private let originals: [FeatureStore]
  private let flipped: [FeatureStore]
  private let validation: [FeatureStore?]
  /// Names the encoder and the pictures.
  let identity: String

  init(
    _ data: TrainingData, _ configuration: TrainingConfiguration, encoder file: SafetensorsFile, cache: URL,
    threads: Int, report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    self.data = data
    let network = try configuration.network
    let identity = "\(network.architecture.rawValue) \(network.inputSize) px \(Self.digest(file))"
    self.identity = identity
    try FilePath(cache.path).makeFolder()
    let cache = FeatureCache(
      folder: cache, network: network, weights: file, identity: identity, threads: threads, report: report)
    var (originals, flipped, validation) = ([FeatureStore](), [FeatureStore](), [FeatureStore?]())
    for source in data.sources {
      validation.append(
        source.validation.isEmpty ? nil : try cache.store(source.validation, .original, source.path))
      originals.append(try cache.store(source.training, .original, source.path))
      if configuration.optimisation.flips {
        flipped.append(try cache.store(source.training, .flipped, source.path))
      }
    }
    (self.originals, self.flipped, self.validation) = (originals, flipped, validation)
  }

  func training(_ source: Int, flipped isFlipped: Bool) -> FeatureStore {
    isFlipped ? flipped[source] : originals[source]
  }

  /// The loss on the validation pictures, and the scores of the captions made of them, as `narrate evaluate` has them.
  func validate(
    _ decoder: CaptionDecoder, vocabulary: Vocabulary, configuration: TrainingConfiguration, threads: Int,
    report: (TrainingEvent) throws -> Void
  ) throws -> (loss: Double, scores: CaptionScores) {
    var pictures: [(store: FeatureStore, record: Int, captions: [String])] = []
    for (source, store) in zip(data.sources, validation) {
      guard let store else { continue }
      for (record, example) in source.validation.enumerated() {
        pictures.append((store, record, example.captions))
      }
    }
    if configuration.validation.limit > 0 {
      pictures = Array(pictures.prefix(configuration.validation.limit))
    }
    let candidates = try captions(
      decoder, pictures.map { ($0.store, $0.record) }, vocabulary, configuration, threads, report)
    let references = pictures.map { $0.captions.map(PTBTokenizer.words) }
    let scores = CaptionScorer(references: references).scores(candidates).corpus
    let step = ShardedStep(decoder, shards: configuration.optimisation.shards, threads: threads)
    var loss = CaptionLoss()
    for start in stride(from: 0, to: pictures.count, by: configuration.optimisation.imagesPerBatch) {
      let batch = pictures[start..<min(start + configuration.optimisation.imagesPerBatch, pictures.count)]
      let examples = batch.map { picture in
        TrainingExample(
          store: picture.store, record: picture.record,
          captions: picture.captions.map {
            vocabulary.encode(normalizedWords($0), maximumWords: configuration.decoder.maximumWords)
          })
      }
      loss += try step.run(decoder, examples, regularization: .none, seed: 0, learning: false)
    }
    return (loss.crossEntropy / Double(loss.words), scores)
  }

  /// Captions in words, one a picture; one worker a thread.
  private func captions(
    _ decoder: CaptionDecoder, _ pictures: [(store: FeatureStore, record: Int)], _ vocabulary: Vocabulary,
    _ configuration: TrainingConfiguration, _ threads: Int, _ report: (TrainingEvent) throws -> Void
  ) throws -> [[String]] {
    guard let layout = pictures.first?.store.layout else { return [] }
    setThreadCount(1)
    let workers = try (0..<threads).map { _ in
      (
        try CaptionGenerator(
          decoder, positions: layout.positions, width: configuration.validation.beam,
          lengthExponent: Float(configuration.validation.lengthExponent), Engine()), Arena()
      )
    }
    let result = CaptionSlots(count: pictures.count)
    let chunk = 50 * threads
    for start in stride(from: 0, to: pictures.count, by: chunk) {
      let end = min(start + chunk, pictures.count)
      try parallel(threads) { thread in
        let (generator, arena) = workers[thread]
        for index in stride(from: start + thread, to: end, by: threads) {
          arena.reset()
          let features = arena.floats(layout.valuesPerRecord)
          try pictures[index].store.read(pictures[index].record, into: features)
          let best = generator.captions(features, maximumWords: configuration.decoder.maximumWords)[0]
          result[index] = best.words.filter { $0 != Vocabulary.end }.map(vocabulary.word)
        }
      }
      try report(.validating(done: end, of: pictures.count))
    }
    return result.captions
  }

  /// Names the encoder's tensors.
  private static func digest(_ file: SafetensorsFile) -> String { file.contentDigest }
}

/// Captions that several workers write, each its own places.
private final class CaptionSlots {
  private let slots: UnsafeMutableBufferPointer<[String]>

  init(count: Int) {
    slots = .allocate(capacity: count)
    slots.initialize(repeating: [])
  }

  subscript(index: Int) -> [String] {
    get { slots[index] }
    set { slots[index] = newValue }
  }

  var captions: [[String]] { Array(slots) }

  deinit {
    slots.deinitialize()
    slots.deallocate()
  }
}
