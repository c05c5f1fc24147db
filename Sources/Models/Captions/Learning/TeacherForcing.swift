import Compute
import Networks
import Tensors

/// What keeps the decoder from learning the training set by heart.
package struct Regularization: Codable, Equatable, Sendable {
  /// Dropout of the core's output before the words' logits.
  package var outputDropout: Float = 0.5
  /// Dropout of the word embeddings.
  package var embeddingDropout: Float = 0.3
  /// Dropout of the projected grid.
  package var featureDropout: Float = 0.3
  /// Dropout of what each part of a Transformer's layers adds.
  package var layerDropout: Float = 0.1
  /// Share of the target's probability spread over the vocabulary.
  package var labelSmoothing: Float = 0.1
  /// Weight of an LSTM's doubly stochastic penalty, the mean of (1 - Σ over words of attention)² (Xu et al. 2015, eq. 14).
  package var attentionPenalty: Float = 1

  package init() {}
  /// No dropout, no smoothing, no penalty.
  package static var none: Regularization {
    var none = Regularization()
    (none.outputDropout, none.embeddingDropout, none.featureDropout) = (0, 0, 0)
    (none.layerDropout, none.labelSmoothing, none.attentionPenalty) = (0, 0, 0)
    return none
  }
}

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
  ///   - features: [frames, positions, channels], the frames of the images one after the other
  ///   - seed: of the dropout masks.
  ///   - gradient: added to; nil to compute the loss alone.
  ///   - featureGradient: [frames, positions, channels], that of the features, overwritten; only with `gradient`.
  /// - Returns: sums over the batch, not divided by `totals`.
  package func run(
    _ decoder: CaptionDecoder, features: UnsafePointer<Float>, positions: Int, batch: CaptionBatch,
    regularization: Regularization, totals: Totals, seed: UInt64, gradient: inout CaptionDecoder?,
    featureGradient: UnsafeMutablePointer<Float>? = nil
  ) -> CaptionLoss {
    precondition(gradient != nil || featureGradient == nil)
    arena.reset()
    let pass = TeacherForcedPass(
      decoder, features: features,
      ForcedInputs(
        decoder.sizes, positions: positions, batch: batch, regularization: regularization, seed: seed,
        arena: arena))
    pass.forward()
    let loss = pass.loss(totals)
    // In place: unwrapped, it would be copied.
    if gradient != nil { pass.backward(totals, gradient: &gradient!, features: featureGradient) }
    return loss
  }
}
