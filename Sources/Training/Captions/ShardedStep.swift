import Compute
import Models
import Narration
import Networks

/// Computes the gradient of a batch in shards that do not depend on the number of threads, and sums them in a fixed order: the
/// result is the same for any number.
final class ShardedStep {
  /// Of all shards of a batch, and those of this process.
  private let (count, own): (Int, Range<Int>)
  private let workers: [ShardWorker]
  private let threads: Int
  private let drawn: Int?

  /// - Parameters:
  ///   - own: the shards of this process; nil is all of them.
  ///   - drawn: captions that are drawn of an example; nil where those given are learned.
  init(
    shards: Int, own: Range<Int>? = nil, threads: Int, drawn: Int? = nil,
    worker: (_ shard: Int) throws -> ShardWorker
  ) rethrows {
    (count, self.own) = (shards, own ?? 0..<shards)
    workers = try self.own.map(worker)
    (self.threads, self.drawn) = (min(threads, workers.count), drawn)
  }

  /// The loss over a batch and, if wanted, its gradient: the part of this process's shards.
  /// - Parameter seed: of the dropout masks, and of captions that are drawn.
  func run(
    _ network: CaptionNetwork, _ examples: [TrainingExample], regularization: Regularization, seed: UInt64,
    learning: Bool
  ) throws -> CaptionLoss {
    // Of drawn captions the loss is the mean over them, of people's that over their words.
    let captions = examples.reduce(0) { $0 + (drawn ?? $1.captions.count) }
    let words = examples.reduce(0) { $0 + $1.captions.reduce(0) { $0 + $1.count - 1 } }
    let totals = TeacherForcing.Totals(words: drawn == nil ? words : captions, captions: captions)
    try parallelMap(
      Array(zip(own, workers)), threads: threads,
      work: { [count] shard, worker in
        let range = shard * examples.count / count..<(shard + 1) * examples.count / count
        try worker.run(
          network, Array(examples[range]), regularization: regularization, totals: totals,
          seed: seed &+ UInt64(shard) &* 0x9e37_79b9_7f4a_7c15, learning: learning)
      })
    var loss = CaptionLoss()
    for worker in workers { loss += worker.loss }
    if learning { addInPairs(workers) { $0.add($1) } }
    return loss
  }

  /// The sum over this process's shards, after `run`.
  var gradient: CaptionNetwork { workers[0].gradient }
}
