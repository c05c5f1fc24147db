import Models
import Networks

/// Every setting of an encoder's training, with its default.
package struct EncoderSettings: TrainingSettings {
  package struct Detector: Equatable, Sendable {
    /// Words in the captions of fewer pictures are not looked for; things and sexes always are.
    package var minimumPictures = 30
    /// Channels that the encoder's features are projected to.
    package var units = 512
    package var featureDropout = 0.2
    package var unitDropout = 0.3
  }

  /// How pictures are changed at random.
  package struct Augmentation: Equatable, Sendable {
    /// Pictures are cut to a random rectangle with at least this share of their area.
    package var smallestCrop = 0.5
    /// How far brightness, contrast and saturation are changed at random, at most.
    package var color = 0.2
    package var flips = true
  }

  package struct Optimization: Equatable, Sendable {
    /// Blocks of the encoder that learn, from its end; the last convolution always does.
    package var blocks = 13
    package var encoderRate = 1e-4
    package var detectorRate = 5e-4
    package var warmupSteps = 200
    /// The learning rates' factor after each epoch.
    package var decayPerEpoch = 0.6
    package var gradientClip = 5.0
    package var averageDecay = 0.998
    package var imagesPerBatch = 16
    /// Parts of a batch that are computed on their own and summed in order: the result does not depend on `--threads`.
    package var shards = 2
    package var epochs = 4
    /// Epochs without a better validation score before training ends.
    package var patience = 2
  }

  package var seed: UInt64 = 1
  package var encoder = CaptionSettings.Encoder()
  package var detector = Detector()
  package var augmentation = Augmentation()
  package var optimization = Optimization()

  package init() {}

  package static func reason(_ rule: String, _ value: String) -> String { "\(rule), not \(value)" }
  package static func joined(_ choices: [String]) -> String { choices.joined(separator: " or ") }

  package static let table: [Setting<EncoderSettings>] = [
    .seed("seed", \.seed),
    .choice("encoder.architecture", \.encoder.architecture, CaptionSettings.Encoder.architectures),
    .integer("encoder.inputSize", \.encoder.inputSize, .within(32...2048)),
    .integer("detector.minimumPictures", \.detector.minimumPictures, .within(1...1_000_000)),
    .integer("detector.units", \.detector.units, .within(1...16384)),
    .number("detector.featureDropout", \.detector.featureDropout, .share),
    .number("detector.unitDropout", \.detector.unitDropout, .share),
    .number(
      "augmentation.smallestCrop", \.augmentation.smallestCrop,
      SettingRange("0.05 to 1") { $0 >= 0.05 && $0 <= 1 }),
    .number("augmentation.colour", \.augmentation.color, .share),
    .flag("augmentation.flips", \.augmentation.flips),
    .integer("optimisation.blocks", \.optimization.blocks) {
      .within(0...EfficientNetLite($0.encoder.architecture).blocks.count)
    },
    .number("optimisation.encoderRate", \.optimization.encoderRate, .positive),
    .number("optimisation.detectorRate", \.optimization.detectorRate, .positive),
    .integer("optimisation.warmupSteps", \.optimization.warmupSteps, .within(0...1_000_000)),
    .number("optimisation.decayPerEpoch", \.optimization.decayPerEpoch, .aboveZeroToOne),
    .number("optimisation.gradientClip", \.optimization.gradientClip, .positive),
    .number("optimisation.averageDecay", \.optimization.averageDecay, .share),
    .integer("optimisation.imagesPerBatch", \.optimization.imagesPerBatch, .within(1...65536)),
    .integer("optimisation.shards", \.optimization.shards) { .within(1...$0.optimization.imagesPerBatch) },
    .integer("optimisation.epochs", \.optimization.epochs, .within(1...65536)),
    .integer("optimisation.patience", \.optimization.patience, .within(1...65536)),
  ]

  /// The encoder that the settings name.
  var network: EfficientNetLite { EfficientNetLite(encoder.architecture, inputSize: encoder.inputSize) }

  /// Of the encoder, the first layer that learns.
  var firstLearningLayer: Int { network.firstLayer(ofLastBlocks: optimization.blocks) }

  var optimizer: AdamW<WordNetwork>.Settings {
    var result = AdamW<WordNetwork>.Settings()
    result.clip = Float(optimization.gradientClip)
    result.averageDecay = Float(optimization.averageDecay)
    return result
  }
}
