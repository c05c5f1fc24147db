/// What keeps a network from learning the training set by heart; each takes of it what it has.
package struct Regularization: Codable, Equatable, Sendable {
  /// Dropout of a core's output before the logits.
  package var outputDropout: Float = 0.5
  /// Dropout of the word embeddings.
  package var embeddingDropout: Float = 0.3
  /// Dropout of a decoder's projected grid, or of an action network's features.
  package var featureDropout: Float = 0.3
  /// Dropout of what each part of a Transformer's layers adds.
  package var layerDropout: Float = 0.1
  /// Share of the target's probability spread over all classes.
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
