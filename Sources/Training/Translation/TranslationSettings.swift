import Compute
import Models
import Narration
import Networks
import Tensors

/// Every setting of a translator's training, with its default.
package struct TranslationSettings: TrainingSettings {
  package enum Architecture: String, CaseIterable, Sendable {
    /// Recurrences of this cell that read in both directions, and one that writes and attends (Bahdanau et al. 2015).
    case lstm, gru, rnn
    /// Vaswani et al. 2017.
    case transformer
  }

  /// Sub-word units, see `SubwordUnits`.
  package struct Units: Equatable, Sendable {
    /// At most, of the source and of the target.
    package var source = 5000
    package var target = 4000
    /// Characters that occur less often are spelled by bytes.
    package var minimumCount = 5
    /// Share of merges that are left out at random in training.
    package var dropout = 0.1
  }

  package struct Network: Equatable, Sendable {
    package var architecture = Architecture.gru
    package var embedding = 256
    /// Of what reads, in each direction.
    package var encoderHidden = 256
    /// Recurrent layers that read.
    package var encoderLayers = 1
    /// Of what writes.
    package var hidden = 320
    /// Of keys and queries; a Transformer's heads share it. 0: the recurrence does not attend.
    package var attention = 256
    /// Of the values that are attended to.
    package var projection = 320
    /// A Transformer's layers, on each side, the heads of each attention, and the units between its layers. Its embedding, its
    /// hidden states and both attentions must be equally wide.
    package var layers = 4
    package var heads = 4
    package var feedForward = 512
  }

  package struct Optimization: Equatable, Sendable {
    package var learningRate = 1e-3
    package var warmupSteps = 200
    /// The learning rate's factor after each epoch.
    package var decayPerEpoch = 0.94
    package var gradientClip = 1.0
    /// Decay of the moving average of the weights per step; 0 is no average.
    package var averageDecay = 0.998
    package var sentencesPerBatch = 64
    package var epochs = 30
    /// Epochs without a better validation score before training ends.
    package var patience = 6
    /// Parts that a batch's gradient is summed from, on as many threads at most.
    package var shards = 2
    /// Of products of matrices, see `ProductPrecision`.
    package var precision = ProductPrecision.single
  }

  package struct Validation: Equatable, Sendable {
    package var beam = 3
    /// Beams are ranked by log-probability / units^exponent.
    package var lengthExponent = 1.0
    /// Number of validation sentences that are translated, of each language; 0 is all of them.
    package var limit = 0
  }

  package var seed: UInt64 = 1
  package var units = Units()
  package var network = Network()
  package var regularization = RegularizationSettings()
  package var optimization = Optimization()
  package var validation = Validation()

  package init() {
    (regularization.outputDropout, regularization.embeddingDropout) = (0.3, 0.3)
    (regularization.featureDropout, regularization.attentionPenalty) = (0.3, 0)
  }

  private var transformer: TransformerSizes? {
    network.architecture == .transformer
      ? TransformerSizes(layers: network.layers, heads: network.heads, feedForward: network.feedForward) : nil
  }

  private var cell: RecurrentKind? { RecurrentKind(rawValue: network.architecture.rawValue) }

  func encoder(units: Int) -> SentenceEncoderSizes {
    SentenceEncoderSizes(
      units: units, embedding: network.embedding, hidden: network.encoderHidden,
      layers: network.encoderLayers, cell: cell, transformer: transformer)
  }

  func decoder(units: Int, languages: Int) -> DecoderSizes {
    DecoderSizes(
      words: units, channels: encoder(units: 1).outputs, embedding: network.embedding,
      hidden: network.hidden, attention: network.attention, projection: network.projection,
      styles: languages > 1 ? languages : nil, transformer: transformer, cell: cell)
  }

  var optimizer: AdamW<TranslationNetwork<Tensor>>.Settings {
    var settings = AdamW<TranslationNetwork<Tensor>>.Settings()
    settings.weightDecay = Float(regularization.weightDecay)
    settings.clip = Float(optimization.gradientClip)
    settings.averageDecay = Float(optimization.averageDecay)
    return settings
  }
}
