import Compute
import Language
import Models

extension CaptionSettings {
  package static let table: [Setting<CaptionSettings>] =
    [.seed("seed", \.seed)] + pictures + decoder + learning + stages + validation

  package static func reason(_ rule: String, _ value: String) -> String { "\(rule), not \(value)" }
  package static func joined(_ choices: [String]) -> String { choices.joined(separator: " or ") }

  private static let pictures: [Setting<CaptionSettings>] = [
    .choice("encoder.architecture", \.encoder.architecture, Encoder.architectures),
    .integer("encoder.inputSize", \.encoder.inputSize, .within(32...2048)),
    .integer("captions.mostAgreeing", \.captions.mostAgreeing, .within(0...1_000_000)),
    .integer("vocabulary.minimumCount", \.vocabulary.minimumCount, .within(1...1_000_000)),
  ]

  private static let decoder: [Setting<CaptionSettings>] = [
    .integer("decoder.embedding", \.decoder.embedding, .within(1...16384)),
    .integer("decoder.hidden", \.decoder.hidden, .within(1...16384)),
    .integer("decoder.attention", \.decoder.attention, .within(1...16384)),
    .integer("decoder.projection", \.decoder.projection, .within(1...16384)),
    .choice("decoder.architecture", \.decoder.architecture, Decoder.Architecture.allCases),
    .integer("decoder.layers", \.decoder.layers, .within(1...64)),
    .integer("decoder.heads", \.decoder.heads, .within(1...64)),
    .integer("decoder.feedForward", \.decoder.feedForward, .within(1...65_536)),
    .rule("decoder.embedding") {
      let decoder = $0.decoder
      guard decoder.architecture == .transformer, decoder.embedding != decoder.hidden else { return nil }
      return ("as wide as a Transformer's hidden states, \(decoder.hidden)", "\(decoder.embedding)")
    },
    .rule("decoder.attention") {
      let decoder = $0.decoder
      guard decoder.architecture == .transformer, decoder.attention % decoder.heads != 0 else { return nil }
      return ("a multiple of the \(decoder.heads) heads", "\(decoder.attention)")
    },
    .integer("decoder.places", \.decoder.frameKnots, .within(2...64)),
    .integer("decoder.maximumWords", \.decoder.maximumWords, .within(1...1000)),
  ]

  private static let learning: [Setting<CaptionSettings>] = [
    .number("regularisation.outputDropout", \.regularization.outputDropout, .share),
    .number("regularisation.embeddingDropout", \.regularization.embeddingDropout, .share),
    .number("regularisation.featureDropout", \.regularization.featureDropout, .share),
    .number("regularisation.layerDropout", \.regularization.layerDropout, .share),
    .number("regularisation.labelSmoothing", \.regularization.labelSmoothing, .share),
    .number("regularisation.attentionPenalty", \.regularization.attentionPenalty, .notNegative),
    .number("regularisation.weightDecay", \.regularization.weightDecay, .notNegative),
    .number("optimisation.learningRate", \.optimization.learningRate, .positive),
    .number("optimisation.gradientClip", \.optimization.gradientClip, .positive),
    .number("optimisation.epsilon", \.optimization.epsilon, .positive),
    .integer("optimisation.warmupSteps", \.optimization.warmupSteps, .within(0...1_000_000)),
    .number("optimisation.beta1", \.optimization.beta1, .share),
    .number("optimisation.beta2", \.optimization.beta2, .share),
    .number("optimisation.averageDecay", \.optimization.averageDecay, .share),
    .integer("optimisation.imagesPerBatch", \.optimization.imagesPerBatch, .within(1...65536)),
    .integer("optimisation.captionsPerImage", \.optimization.captionsPerImage, .within(1...65536)),
    .integer("optimisation.patience", \.optimization.patience, .within(1...65536)),
    .flag("optimisation.flips", \.optimization.flips),
  ]

  private static let stages: [Setting<CaptionSettings>] = [
    .integer("optimisation.epochs", \.optimization.epochs, .within(0...65536)),
    .integer("fineTuning.epochs", \.fineTuning.epochs, .within(0...65536)),
    .integer("selfCritical.epochs", \.selfCritical.epochs, .within(0...65536)),
    .rule("optimisation.epochs") {
      guard $0.optimization.epochs + $0.fineTuning.epochs + $0.selfCritical.epochs == 0 else { return nil }
      return ("above 0 where no other stage has epochs", "\($0.optimization.epochs)")
    },
    .integer("optimisation.shards", \.optimization.shards) { .within(1...$0.optimization.imagesPerBatch) },
    .choice("optimisation.precision", \.optimization.precision, ProductPrecision.allCases),
    .number("fineTuning.encoderRate", \.fineTuning.encoderRate, .positive),
    .number("fineTuning.decoderRate", \.fineTuning.decoderRate, .positive),
    .number("selfCritical.learningRate", \.selfCritical.learningRate, .positive),
    .number("selfCritical.interpolation", \.selfCritical.interpolation, .aboveZeroToOne),
    .number("optimisation.decayPerEpoch", \.optimization.decayPerEpoch, .aboveZeroToOne),
    .number("fineTuning.decayPerEpoch", \.fineTuning.decayPerEpoch, .aboveZeroToOne),
    .number("selfCritical.decayPerEpoch", \.selfCritical.decayPerEpoch, .aboveZeroToOne),
    .integer("fineTuning.blocks", \.fineTuning.blocks) {
      .within(0...EfficientNetLite($0.encoder.architecture).blocks.count)
    },
    .number(
      "fineTuning.smallestCrop", \.fineTuning.smallestCrop,
      SettingRange("0.05 to 1") { $0 >= 0.05 && $0 <= 1 }),
    .number("fineTuning.colour", \.fineTuning.color, .share),
    .integer("fineTuning.captionsPerImage", \.fineTuning.captionsPerImage, .within(1...65536)),
    .integer("fineTuning.warmupSteps", \.fineTuning.warmupSteps, .within(0...1_000_000)),
    .integer("selfCritical.warmupSteps", \.selfCritical.warmupSteps, .within(0...1_000_000)),
    .integer("selfCritical.samples", \.selfCritical.samples, .within(2...1000)),
    .number("selfCritical.costs.thing", \.selfCritical.costs.thing, .notNegative),
    .number("selfCritical.costs.sex", \.selfCritical.costs.sex, .notNegative),
    .number("selfCritical.costs.colour", \.selfCritical.costs.color, .notNegative),
    .number("selfCritical.costs.number", \.selfCritical.costs.number, .notNegative),
    .number("selfCritical.costs.action", \.selfCritical.costs.action, .notNegative),
    .number("selfCritical.costs.mention", \.selfCritical.costs.mention, .notNegative),
    .number("selfCritical.costs.phrase", \.selfCritical.costs.phrase, .notNegative),
    .flag("selfCritical.dropout", \.selfCritical.dropout),
    .flag("selfCritical.augmentation", \.selfCritical.augmentation),
  ]

  private static let validation: [Setting<CaptionSettings>] = [
    .choice("validation.repetition", \.validation.repetition, Repetition.allCases),
    .integer("validation.beam", \.validation.beam, .within(1...1000)),
    .number("validation.lengthExponent", \.validation.lengthExponent, .notNegative),
    .integer("validation.limit", \.validation.limit, .within(0...Int(Int32.max))),
  ]
}
