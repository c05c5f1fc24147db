import Compute
import Models
import Narration
import Networks

/// Computes the gradient of a batch in shards that do not depend on the number of threads, and sums them in order: the
/// result is the same for any number.
final class ShardedStep {
  private let workers: [ShardWorker]
  private let threads: Int
  private let drawn: Int?

  /// - Parameter drawn: captions that are drawn of an example; nil where those given are learned.
  init(shards: Int, threads: Int, drawn: Int? = nil, worker: (_ shard: Int) throws -> ShardWorker) rethrows {
    workers = try (0..<shards).map(worker)
    (self.threads, self.drawn) = (min(threads, shards), drawn)
  }

  /// The loss over a batch and, if wanted, its gradient.
  /// - Parameter seed: of the dropout masks, and of captions that are drawn.
  func run(
    _ network: CaptionNetwork, _ examples: [TrainingExample], regularization: Regularization, seed: UInt64,
    learning: Bool
  ) throws -> CaptionLoss {
    // Of drawn captions the loss is the mean over them, of people's that over their words.
    let captions = examples.reduce(0) { $0 + (drawn ?? $1.captions.count) }
    let words = examples.reduce(0) { $0 + $1.captions.reduce(0) { $0 + $1.count - 1 } }
    let totals = TeacherForcing.Totals(words: drawn == nil ? words : captions, captions: captions)
    let count = workers.count
    try parallelMap(
      Array(workers.enumerated()), threads: threads,
      work: { shard, worker in
        let range = shard * examples.count / count..<(shard + 1) * examples.count / count
        try worker.run(
          network, Array(examples[range]), regularization: regularization, totals: totals,
          seed: seed &+ UInt64(shard) &* 0x9e37_79b9_7f4a_7c15, learning: learning)
      })
    var loss = CaptionLoss()
    for worker in workers { loss += worker.loss }
    if learning { for worker in workers.dropFirst() { workers[0].add(worker) } }
    return loss
  }

  /// The sum over the shards, after `run`.
  var gradient: CaptionNetwork { workers[0].gradient }
}
