extension ShotSettings {
  package static let table: [Setting<ShotSettings>] = counts + numbers

  package static func reason(_ rule: String, _ value: String) -> String { rule }
  package static func joined(_ choices: [String]) -> String { choices.joined(separator: ", ") }

  private static let counts: [Setting<ShotSettings>] = [
    .seed("seed", \.seed),
    .integer("network.firstChannels", \.network.firstChannels, .from(1...4096)),
    .integer("network.secondChannels", \.network.secondChannels, .from(1...4096)),
    .integer("network.thirdChannels", \.network.thirdChannels, .from(1...4096)),
    .integer("network.embedding", \.network.embedding, .from(1...4096)),
    .integer("network.hidden", \.network.hidden, .from(1...4096)),
    .integer("optimisation.stretchesPerBatch", \.optimization.stretchesPerBatch, .from(1...4096)),
    .integer("optimisation.batchesPerEpoch", \.optimization.batchesPerEpoch, .from(1...4096)),
    .integer("optimisation.epochs", \.optimization.epochs, .from(1...4096)),
    .integer("optimisation.patience", \.optimization.patience, .from(1...4096)),
    .integer("optimisation.shards", \.optimization.shards, .from(1...4096)),
    .integer("validation.videos", \.validation.videos, .from(1...4096)),
    .integer("validation.shotsPerVideo", \.validation.shotsPerVideo, .from(1...4096)),
  ]

  private static let numbers: [Setting<ShotSettings>] = [
    .number("network.threshold", \.network.threshold, share),
    .number("optimisation.averageDecay", \.optimization.averageDecay, share),
    .number("optimisation.learningRate", \.optimization.learningRate, .positive),
    .number("optimisation.decayPerEpoch", \.optimization.decayPerEpoch, .positive),
    .number("optimisation.gradientClip", \.optimization.gradientClip, .positive),
    .number("optimisation.cutWeight", \.optimization.cutWeight, .positive),
    .integer("optimisation.warmupSteps", \.optimization.warmupSteps, .notNegative),
    .number("optimisation.weightDecay", \.optimization.weightDecay, .zeroToTen),
  ]

  private static var share: SettingRange<Double> {
    SettingRange("above 0, below 1") { $0 > 0 && $0 < 1 }
  }
}
