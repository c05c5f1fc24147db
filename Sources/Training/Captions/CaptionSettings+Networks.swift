import Datasets
import Files
import Foundation
import Language
import Models
import Narration
import Networks

extension CaptionSettings {
  /// The encoder that the settings name.
  var network: EfficientNetLite {
    EfficientNetLite(encoder.architecture, inputSize: encoder.inputSize)
  }

  /// How captions are chosen.
  var decoding: CaptionConfiguration.Decoding {
    CaptionConfiguration.Decoding(
      lengthExponent: Float(validation.lengthExponent),
      repetition: validation.repetition)
  }

  /// Of the encoder, where fine-tuning begins.
  var firstLearningLayer: Int { network.firstLayer(ofLastBlocks: fineTuning.blocks) }

  /// The encoder's layers that fine-tuning changes, as a file has them.
  func learningLayers(of encoder: SafetensorsFile) throws -> EncoderWeights {
    try EncoderWeights(network.layers[firstLearningLayer...], from: encoder)
  }

  /// One style for each data set, if there are several; positions in time if there are clips.
  func sizes(words: Int, _ data: TrainingData) -> DecoderSizes {
    DecoderSizes(
      words: words, channels: EfficientNetLite.channels, embedding: decoder.embedding, hidden: decoder.hidden,
      attention: decoder.attention, projection: decoder.projection,
      styles: data.sources.count > 1 ? data.sources.count : nil,
      frameKnots: data.hasClips ? decoder.frameKnots : nil,
      transformer: decoder.architecture == .transformer
        ? TransformerSizes(
          layers: decoder.layers, heads: decoder.heads, feedForward: decoder.feedForward) : nil)
  }

  var optimizer: AdamW<CaptionNetwork>.Settings {
    var result = AdamW<CaptionNetwork>.Settings()
    result.beta1 = Float(optimization.beta1)
    result.beta2 = Float(optimization.beta2)
    result.epsilon = Float(optimization.epsilon)
    result.weightDecay = Float(regularization.weightDecay)
    result.clip = Float(optimization.gradientClip)
    result.averageDecay = Float(optimization.averageDecay)
    return result
  }

  /// Names the network, these settings and the data: what a checkpoint must agree with to be resumed. How long to train is
  /// left out.
  func digest(_ data: String) throws -> String {
    var settings = self
    (settings.optimization.epochs, settings.fineTuning.epochs, settings.selfCritical.epochs) = (0, 0, 0)
    settings.optimization.patience = 0
    let bytes =
      try JSON.encoded(settings.values, .line) + Data("\(CaptionConfiguration.currentFormat) \(data)".utf8)
    return bytes.withUnsafeBytes { XXHash64.hexadecimal($0) }
  }
}
