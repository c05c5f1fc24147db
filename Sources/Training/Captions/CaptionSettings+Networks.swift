import Datasets
import Foundation
import Language
import Models
import Narration
import Networks

extension CaptionSettings {
  /// The encoder that the settings name.
  var network: EfficientNetLite {
    get throws {
      guard let variant = EfficientNetLite.Variant(rawValue: encoder.architecture) else {
        throw DataError(
          .damaged, path: "configuration", location: "encoder.architecture",
          reason: "\(encoder.architecture) is unknown")
      }
      return EfficientNetLite(variant, inputSize: encoder.inputSize)
    }
  }

  /// How captions are chosen.
  var decoding: CaptionConfiguration.Decoding {
    CaptionConfiguration.Decoding(
      lengthExponent: Float(validation.lengthExponent),
      repetition: Repetition(rawValue: validation.repetition))
  }

  /// Of the encoder, where fine-tuning begins.
  var firstLearningLayer: Int {
    get throws { try network.firstLayer(ofLastBlocks: fineTuning.blocks) }
  }

  /// The encoder's layers that fine-tuning changes, as a file has them.
  func learningLayers(of encoder: SafetensorsFile) throws -> EncoderWeights {
    try EncoderWeights(network.layers[firstLearningLayer...], from: encoder)
  }

  /// One style for each data set, if there are several; places in time if there are clips.
  func sizes(words: Int, _ data: TrainingData) -> DecoderSizes {
    DecoderSizes(
      words: words, channels: EfficientNetLite.channels, embedding: decoder.embedding, hidden: decoder.hidden,
      attention: decoder.attention, projection: decoder.projection,
      styles: data.sources.count > 1 ? data.sources.count : nil,
      places: data.hasClips ? decoder.places : nil,
      transformer: decoder.architecture == "transformer"
        ? TransformerSizes(
          layers: decoder.layers, heads: decoder.heads, feedForward: decoder.feedForward) : nil)
  }

  var regularization: Regularization {
    var result = Regularization()
    result.outputDropout = Float(regularisation.outputDropout)
    result.embeddingDropout = Float(regularisation.embeddingDropout)
    result.featureDropout = Float(regularisation.featureDropout)
    result.layerDropout = Float(regularisation.layerDropout)
    result.labelSmoothing = Float(regularisation.labelSmoothing)
    result.attentionPenalty = Float(regularisation.attentionPenalty)
    return result
  }

  var optimizer: AdamW<CaptionNetwork>.Settings {
    var result = AdamW<CaptionNetwork>.Settings()
    result.beta1 = Float(optimisation.beta1)
    result.beta2 = Float(optimisation.beta2)
    result.epsilon = Float(optimisation.epsilon)
    result.weightDecay = Float(regularisation.weightDecay)
    result.clip = Float(optimisation.gradientClip)
    result.averageDecay = Float(optimisation.averageDecay)
    return result
  }

  /// Names the network, these settings and the data: what a checkpoint must agree with to be resumed. How long to train is
  /// left out.
  func digest(_ data: String) throws -> String {
    var settings = self
    (settings.optimisation.epochs, settings.fineTuning.epochs, settings.selfCritical.epochs) = (0, 0, 0)
    settings.optimisation.patience = 0
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let bytes = try encoder.encode(settings) + Data("\(CaptionConfiguration.currentFormat) \(data)".utf8)
    return bytes.withUnsafeBytes { XXHash64.hexadecimal($0) }
  }
}
