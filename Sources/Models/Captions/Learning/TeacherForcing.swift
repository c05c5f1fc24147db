import Compute
import Networks
import Tensors

/// Sums over a batch or a shard of it.
package struct CaptionLoss: Sendable {
  /// Cross-entropy in nats, summed over words, each by its weight.
  package var crossEntropy = 0.0
  /// Doubly stochastic penalty before its weight: its mean over a caption's cells, summed over captions.
  package var attentionPenalty = 0.0
  package var words = 0
  /// Of captions that were drawn: how many, and the sum of their rewards.
  package var captions = 0
  package var reward = 0.0
  package init() {}

  package static func += (total: inout CaptionLoss, part: CaptionLoss) {
    total.crossEntropy += part.crossEntropy
    total.attentionPenalty += part.attentionPenalty
    total.words += part.words
    total.captions += part.captions
    total.reward += part.reward
  }
}

/// The decoder run over given captions, forward and backward: its loss and gradients. One for each worker.
package final class TeacherForcing {
  private let arena = Arena()
  package init() {}

  /// Totals of the whole batch that a shard is a part of; the loss is a mean over them.
  package struct Totals: Sendable {
    package let words: Int
    package let captions: Int
    package init(words: Int, captions: Int) { (self.words, self.captions) = (words, captions) }
  }

  /// - Parameters:
  ///   - features: [frames * positions, channels], the frames of the images one after the other
  ///   - seed: of the dropout masks.
  ///   - gradient: added to; nil to compute the loss alone.
  ///   - featureGradient: [frames * positions, channels], that of the features, overwritten; only with `gradient`.
  /// - Returns: sums over the batch, not divided by `totals`.
  package func run(
    _ decoder: CaptionDecoder, features: Rows, positions: Int, batch: CaptionBatch,
    regularization: Regularization, totals: Totals, seed: UInt64, gradient: inout CaptionDecoder?,
    featureGradient: MutableRows? = nil
  ) -> CaptionLoss {
    precondition(gradient != nil || featureGradient == nil)
    arena.reset()
    let inputs = ForcedInputs(
      decoder.sizes, positions: positions, batch: batch, regularization: regularization, seed: seed,
      arena: arena)
    precondition(features.rows == inputs.cells)
    let pass = TeacherForcedPass(decoder, features: features, inputs)
    pass.forward()
    let loss = pass.loss(totals)
    // Taken out, since a copy beside it would have to be copied again to be added to.
    if var sum = gradient.take() {
      pass.backward(totals, gradient: &sum, features: featureGradient)
      gradient = sum
    }
    return loss
  }
}
