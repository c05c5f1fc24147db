import Compute
import Language
import Narration
import Networks
import Tensors

/// A training example of a batch: a picture's features and the captions to learn from it.
struct TrainingExample {
  let store: FeatureStore
  /// The frames' records, in order of time; one for a picture.
  let records: Range<Int>
  /// Whose way of writing the captions are in.
  let style: Int
  /// Word indices, markers of beginning and end included.
  let captions: [[Int32]]
}

/// Computes the gradient of a batch in shards that do not depend on the number of threads, and sums them in order: the
/// result is the same for any number.
final class ShardedStep {
  private let workers: [Worker]
  private let threads: Int

  init(_ decoder: CaptionDecoder, shards: Int, threads: Int) {
    workers = (0..<shards).map { _ in Worker(decoder) }
    self.threads = min(threads, shards)
  }

  /// The loss over a batch and, if wanted, its gradient.
  /// - Parameter seed: of the dropout masks.
  func run(
    _ decoder: CaptionDecoder, _ examples: [TrainingExample], regularization: Regularization, seed: UInt64,
    learning: Bool
  ) throws -> CaptionLoss {
    let totals = TeacherForcing.Totals(
      words: examples.reduce(0) { $0 + $1.captions.reduce(0) { $0 + $1.count - 1 } },
      captions: examples.reduce(0) { $0 + $1.captions.count })
    let count = workers.count
    try parallel(threads) { thread in
      for shard in stride(from: thread, to: count, by: threads) {
        let range = shard * examples.count / count..<(shard + 1) * examples.count / count
        try workers[shard].run(
          decoder, Array(examples[range]), regularization: regularization, totals: totals,
          seed: seed &+ UInt64(shard) &* 0x9e37_79b9_7f4a_7c15, learning: learning)
      }
    }
    var loss = CaptionLoss()
    for worker in workers { loss += worker.loss }
    if learning { for worker in workers.dropFirst() { workers[0].add(worker) } }
    return loss
  }

  /// The sum over the shards, after `run`.
  var gradient: CaptionDecoder { workers[0].sum }
}

/// One shard's memory.
private final class Worker {
  private let pass = TeacherForcing()
  private let arena = Arena()
  private var gradient: CaptionDecoder?
  private var none: CaptionDecoder?
  private(set) var loss = CaptionLoss()

  init(_ decoder: CaptionDecoder) { gradient = decoder.zeros }

  var sum: CaptionDecoder {
    guard let gradient else { preconditionFailure("a worker keeps its gradient") }
    return gradient
  }

  func run(
    _ decoder: CaptionDecoder, _ examples: [TrainingExample], regularization: Regularization,
    totals: TeacherForcing.Totals, seed: UInt64, learning: Bool
  ) throws {
    loss = CaptionLoss()
    if learning { gradient?.fill(0) }
    guard let layout = examples.first?.store.layout else { return }
    arena.reset()
    let features = arena.floats(examples.reduce(0) { $0 + $1.records.count } * layout.valuesPerRecord)
    var place = features
    for example in examples {
      for record in example.records {
        try example.store.read(record, into: place)
        place += layout.valuesPerRecord
      }
    }
    let captions = examples.enumerated().flatMap { index, example in
      example.captions.map { (words: $0, image: index) }
    }
    let batch = CaptionBatch(
      images: examples.count, captions: captions, frames: examples.map(\.records.count),
      styles: examples.map(\.style))
    if learning {
      loss = pass.run(
        decoder, features: features, positions: layout.positions, batch: batch,
        regularization: regularization,
        totals: totals, seed: seed, gradient: &gradient)
    } else {
      loss = pass.run(
        decoder, features: features, positions: layout.positions, batch: batch,
        regularization: regularization,
        totals: totals, seed: seed, gradient: &none)
    }
  }

  func add(_ other: Worker) {
    for parameter in CaptionDecoder.parameters {
      guard let from = other.gradient?[keyPath: parameter.path] else { continue }
      if let target = gradient?[keyPath: parameter.path].mutablePointer {
        Networks.add(from.pointer, to: target, count: from.count)
      }
    }
  }
}
