import Compute

extension TranslationSettings {
  package static let table: [Setting<TranslationSettings>] =
    [.seed("seed", \.seed)] + networks + rules + learning

  package static func reason(_ rule: String, _ value: String) -> String { "\(rule), not \(value)" }
  package static func joined(_ choices: [String]) -> String { choices.joined(separator: " or ") }

  private static let networks: [Setting<TranslationSettings>] = [
    .integer("units.source", \.units.source, .within(261...1_000_000)),
    .integer("units.target", \.units.target, .within(261...1_000_000)),
    .integer("units.minimumCount", \.units.minimumCount, .within(1...1_000_000)),
    .number("units.dropout", \.units.dropout, .share),
    .choice("network.architecture", \.network.architecture, Architecture.allCases),
    .integer("network.embedding", \.network.embedding, .within(1...16384)),
    .integer("network.encoderHidden", \.network.encoderHidden, .within(1...16384)),
    .integer("network.encoderLayers", \.network.encoderLayers, .within(1...64)),
    .integer("network.hidden", \.network.hidden, .within(1...16384)),
    .integer("network.attention", \.network.attention, .within(0...16384)),
    .integer("network.projection", \.network.projection, .within(1...16384)),
    .integer("network.layers", \.network.layers, .within(1...64)),
    .integer("network.heads", \.network.heads, .within(1...64)),
    .integer("network.feedForward", \.network.feedForward, .within(1...65_536)),
  ]

  private static let rules: [Setting<TranslationSettings>] = [
    .rule("network.hidden") {
      let network = $0.network
      guard network.architecture == .transformer, network.embedding != network.hidden else { return nil }
      return ("as wide as a Transformer's embedding, \(network.embedding)", "\(network.hidden)")
    },
    .rule("network.attention") {
      let network = $0.network
      guard network.architecture == .transformer,
        network.attention == 0 || network.attention % network.heads != 0
      else { return nil }
      return ("a multiple of the \(network.heads) heads", "\(network.attention)")
    },
    .rule("network.encoderHidden") {
      let network = $0.network
      guard network.architecture == .transformer, network.encoderHidden % network.heads != 0
      else { return nil }
      return ("a multiple of the \(network.heads) heads", "\(network.encoderHidden)")
    },
  ]

  private static let learning: [Setting<TranslationSettings>] = [
    .number("regularisation.outputDropout", \.regularization.outputDropout, .share),
    .number("regularisation.embeddingDropout", \.regularization.embeddingDropout, .share),
    .number("regularisation.featureDropout", \.regularization.featureDropout, .share),
    .number("regularisation.layerDropout", \.regularization.layerDropout, .share),
    .number("regularisation.labelSmoothing", \.regularization.labelSmoothing, .share),
    .number("regularisation.attentionPenalty", \.regularization.attentionPenalty, .notNegative),
    .number("regularisation.weightDecay", \.regularization.weightDecay, .notNegative),
    .number("optimisation.learningRate", \.optimization.learningRate, .positive),
    .integer("optimisation.warmupSteps", \.optimization.warmupSteps, .within(0...1_000_000)),
    .number("optimisation.decayPerEpoch", \.optimization.decayPerEpoch, .aboveZeroToOne),
    .number("optimisation.gradientClip", \.optimization.gradientClip, .positive),
    .number("optimisation.averageDecay", \.optimization.averageDecay, .share),
    .integer("optimisation.sentencesPerBatch", \.optimization.sentencesPerBatch, .within(1...65_536)),
    .integer("optimisation.epochs", \.optimization.epochs, .within(1...1_000_000)),
    .integer("optimisation.patience", \.optimization.patience, .within(1...1_000_000)),
    .integer("optimisation.shards", \.optimization.shards, .within(1...1024)),
    .choice("optimisation.precision", \.optimization.precision, ProductPrecision.allCases),
    .integer("validation.beam", \.validation.beam, .within(1...100)),
    .number("validation.lengthExponent", \.validation.lengthExponent, .notNegative),
    .integer("validation.limit", \.validation.limit, .within(0...Int(Int32.max))),
  ]
}
