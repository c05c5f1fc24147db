import Models

extension ActionSettings {
  package static let table: [Setting<ActionSettings>] = network + sampling + learning + encoder

  package static func reason(_ rule: String, _ value: String) -> String { rule }
  package static func joined(_ choices: [String]) -> String { "one of " + choices.joined(separator: ", ") }

  private static let network: [Setting<ActionSettings>] = [
    .seed("seed", \.seed),
    .choice("network.cell", \.network.cell, ActionNetwork.Cell.allCases),
    .integer("network.projection", \.network.projection, .from(1...8192)),
    .integer("network.hidden", \.network.hidden, .from(1...8192)),
    .integer("network.attention", \.network.attention, .from(1...8192)),
  ]

  private static let sampling: [Setting<ActionSettings>] = [
    .integer("sampling.framesPerClip", \.sampling.framesPerClip, .from(1...8192)),
    .integer("sampling.framesPerWindow", \.sampling.framesPerWindow, .from(1...8192)),
    .integer("sampling.windowsPerClip", \.sampling.windowsPerClip, .from(1...8192)),
    .integer("optimisation.clipsPerBatch", \.optimization.clipsPerBatch, .from(1...8192)),
    .integer("optimisation.epochs", \.optimization.epochs, .from(1...8192)),
    .integer("optimisation.patience", \.optimization.patience, .from(1...8192)),
    .rule("sampling.framesPerWindow") {
      guard $0.sampling.framesPerWindow > $0.sampling.framesPerClip else { return nil }
      return ("at most framesPerClip", "\($0.sampling.framesPerWindow)")
    },
    .number(
      "sampling.windowSeconds", \.sampling.windowSeconds,
      SettingRange("from 0.1 to 3600", ActionConfiguration.windows.contains)),
    .flag("sampling.flips", \.sampling.flips),
  ]

  private static let learning: [Setting<ActionSettings>] = [
    .number("regularisation.featureDropout", \.regularization.featureDropout, share),
    .number("regularisation.outputDropout", \.regularization.outputDropout, share),
    .number("regularisation.labelSmoothing", \.regularization.labelSmoothing, share),
    .number("optimisation.averageDecay", \.optimization.averageDecay, share),
    .number("optimisation.learningRate", \.optimization.learningRate, .positive),
    .number("optimisation.decayPerEpoch", \.optimization.decayPerEpoch, .positive),
    .number("optimisation.gradientClip", \.optimization.gradientClip, .positive),
    .integer("optimisation.warmupSteps", \.optimization.warmupSteps, .notNegative),
    .number("regularisation.weightDecay", \.regularization.weightDecay, .zeroToTen),
  ]

  private static let encoder: [Setting<ActionSettings>] = [
    .choice("encoder.architecture", \.encoder.architecture, Encoder.Architecture.allCases),
    .integer("sampling.clipsPerLabel", \.sampling.clipsPerLabel, .notNegative),
    .integer("encoder.inputSize", \.encoder.inputSize) { settings in
      let side = I3D.inputSize
      guard settings.encoder.architecture == .i3d else {
        return SettingRange("0 or from 32 to 1024") { $0 == 0 || (32...1024).contains($0) }
      }
      return SettingRange("0 or \(side) for i3d") { [0, side].contains($0) }
    },
  ]

  private static var share: SettingRange<Double> {
    SettingRange("from 0 to below 1") { (0..<1).contains($0) }
  }
}
