/// How far a run is: all of its state but the weights and the optimizer's. A checkpoint holds it as JSON.
struct TrainingProgress: Codable, Equatable {
  /// Epochs finished.
  var epoch = 0
  /// Of a captioner's training, and the epochs that were finished when it began.
  var stage = TrainingStage.decoder
  var stageBegan = 0
  /// Whether the encoder is no longer the one that training began with.
  var hasFineTuned = false
  /// Batches of the current epoch done.
  var batch = 0
  /// Updates made in the stage.
  var step = 0
  /// Sums of the current epoch so far: see `BatchLoss`.
  var crossEntropy = 0.0
  var words = 0
  var reward = 0.0
  var captions = 0
  /// What the current epoch has taken so far, pauses between two runs left out.
  var seconds = 0.0
  /// The best validation score so far, and its epoch (counted from 1).
  var bestScore: Double?
  var bestEpoch = 0

  /// More than any run counts, and little enough to calculate with.
  private static let (mostCounted, largestSum) = (1_000_000_000, 1e100)

  /// Whether a run can be so far: what a file says of it may be anything.
  var isSound: Bool {
    let counts = [epoch, stageBegan, batch, step, words, captions, bestEpoch]
    let sums = [crossEntropy, reward, seconds, bestScore ?? 0]
    return counts.allSatisfy { 0...Self.mostCounted ~= $0 } && sums.allSatisfy { abs($0) <= Self.largestSum }
      && seconds >= 0 && stageBegan <= epoch && bestEpoch <= epoch && (bestScore == nil) == (bestEpoch == 0)
      // Each batch is a step.
      && batch <= step
  }

  /// Whether anything was learned yet.
  var hasBegun: Bool { epoch + batch > 0 }

  /// Mean over what the current epoch has seen.
  var meanLoss: Double { crossEntropy / Double(words) }

  /// Nothing of an epoch is done.
  mutating func beginEpoch() {
    (batch, crossEntropy, words, reward, captions, seconds) = (0, 0, 0, 0, 0, 0)
  }

  /// Of an epoch that was broken off for this stage nothing is left.
  mutating func begin(_ stage: TrainingStage) {
    (self.stage, stageBegan, step) = (stage, epoch, 0)
    beginEpoch()
  }

  /// Counts a batch that was learned from.
  mutating func add(_ loss: BatchLoss) {
    batch += 1
    step += 1
    crossEntropy += loss.sum
    words += loss.count
    reward += loss.reward
    captions += loss.captions
  }

  /// Whether a stage of so many epochs at most has some left. It ends early after `patience` of them without a better score.
  func isBefore(end epochs: Int, patience: Int) -> Bool {
    epoch - stageBegan < epochs && (bestScore == nil || epoch - max(bestEpoch, stageBegan) < patience)
  }
}

/// Sums over a batch.
struct BatchLoss {
  /// Cross-entropy in nats, summed over what `count` counts.
  var sum = 0.0
  /// Words, clips or batches.
  var count = 0
  /// Of captions that were drawn: how many, and the sum of their rewards.
  var captions = 0
  var reward = 0.0

  static func += (total: inout BatchLoss, part: BatchLoss) {
    total.sum += part.sum
    total.count += part.count
    total.captions += part.captions
    total.reward += part.reward
  }
}
