import Networks

/// What keeps a network from learning its training set by heart: what it does itself, and what the optimizer does.
/// See `Regularization`.
package struct RegularizationSettings: Equatable, Sendable {
  /// Probabilities of dropping a value.
  package var outputDropout = 0.5
  package var embeddingDropout = 0.3
  package var featureDropout = 0.3
  /// Of what each part of a Transformer's layers adds.
  package var layerDropout = 0.1
  /// Share of the target's probability that is spread over all words.
  package var labelSmoothing = 0.1
  /// Weight of an LSTM's doubly stochastic attention term (Xu et al. 2015, equation 14).
  package var attentionPenalty = 1.0
  /// Decoupled, per step and unit of learning rate (Loshchilov and Hutter 2019).
  package var weightDecay = 0.0

  /// The network's share of it.
  var network: Regularization {
    var result = Regularization()
    result.outputDropout = Float(outputDropout)
    result.embeddingDropout = Float(embeddingDropout)
    result.featureDropout = Float(featureDropout)
    result.layerDropout = Float(layerDropout)
    result.labelSmoothing = Float(labelSmoothing)
    result.attentionPenalty = Float(attentionPenalty)
    return result
  }
}
