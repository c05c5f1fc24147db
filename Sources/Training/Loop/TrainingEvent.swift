/// What a training run tells its caller.
package enum TrainingEvent: Sendable {
  /// Features of a data set's pictures are being computed.
  case encoding(name: String, done: Int, of: Int)
  /// A batch was learned from. `loss` is the mean cross-entropy of the epoch so far, in nats a word.
  case step(epoch: Int, batch: Int, of: Int, loss: Double, wordsPerSecond: Double)
  /// Validation captions are being made.
  case validating(done: Int, of: Int)
  /// An epoch ended.
  case epoch(EpochMetrics, isBest: Bool)
  /// Training ended.
  case finished(epochs: Int, bestEpoch: Int, score: Double)
}
