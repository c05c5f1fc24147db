import Datasets
import Models
import Narration
import Networks

/// Every setting of a training run for labels, with its default.
package struct ActionSettings: TrainingSettings, Equatable {
  package struct Encoder: Codable, Equatable, Sendable {
    /// `i3d`, which sees movement, or a network for single pictures: one of `architectures`.
    package var architecture = I3D.architecture
    /// Side of the square picture, in pixels; 0 is what the network was made for.
    package var inputSize = 0
    package static let architectures =
      [I3D.architecture] + CaptionSettings.Encoder.architectures
    package init() {}
  }

  package struct Network: Codable, Equatable, Sendable {
    /// `lstm`, `gru`, `rnn` or `average`.
    package var cell = "lstm"
    package var projection = 256
    package var hidden = 256
    package var attention = 128
  }

  package struct Sampling: Codable, Equatable, Sendable {
    /// With an encoder of single pictures: frames of a clip that are kept as features, evenly over it.
    package var framesPerClip = 24
    /// With an encoder of single pictures: frames that the network sees at once.
    package var framesPerWindow = 8
    /// With an encoder of single pictures: seconds of a longer video that make a window.
    package var windowSeconds = 4.0
    /// With `i3d`: windows of a clip, of 64 frames in 2.56 s, that are kept as features, evenly over it.
    package var windowsPerClip = 1
    package var flips = true
    /// Training clips of each label that are learned from, drawn at random; 0 is all.
    package var clipsPerLabel = 0
  }

  package struct Regularisation: Codable, Equatable, Sendable {
    package var featureDropout = 0.3
    package var outputDropout = 0.5
    package var labelSmoothing = 0.1
    package var weightDecay = 0.01
  }

  package struct Optimisation: Codable, Equatable, Sendable {
    package var learningRate = 5e-4
    package var warmupSteps = 20
    package var decayPerEpoch = 0.94
    package var gradientClip = 5.0
    package var averageDecay = 0.99
    package var clipsPerBatch = 32
    package var epochs = 40
    /// Epochs without a better validation accuracy, or a lower loss at the same, before training ends.
    package var patience = 12
  }

  package var seed: UInt64 = 1
  package var encoder = Encoder()
  package var network = Network()
  package var sampling = Sampling()
  package var regularisation = Regularisation()
  package var optimisation = Optimisation()

  package init() {}

  package func validate(path: String) throws(DataError) {
    func require(_ holds: Bool, _ key: String, _ rule: String) throws(DataError) {
      if !holds { throw DataError(.damaged, path: path, location: key, reason: "must be \(rule)") }
    }
    let cells = ActionNetwork.Sizes.cells
    try require(cells.contains(network.cell), "network.cell", "one of \(cells.joined(separator: ", "))")
    for (key, value) in [
      ("network.projection", network.projection), ("network.hidden", network.hidden),
      ("network.attention", network.attention), ("sampling.framesPerClip", sampling.framesPerClip),
      ("sampling.framesPerWindow", sampling.framesPerWindow),
      ("sampling.windowsPerClip", sampling.windowsPerClip),
      ("optimisation.clipsPerBatch", optimisation.clipsPerBatch),
      ("optimisation.epochs", optimisation.epochs), ("optimisation.patience", optimisation.patience),
    ] { try require((1...8192).contains(value), key, "from 1 to 8192") }
    try require(
      sampling.framesPerWindow <= sampling.framesPerClip, "sampling.framesPerWindow", "at most framesPerClip")
    try require(
      sampling.windowSeconds > 0 && sampling.windowSeconds <= 3600, "sampling.windowSeconds",
      "above 0, at most 3600")
    for (key, value) in [
      ("regularisation.featureDropout", regularisation.featureDropout),
      ("regularisation.outputDropout", regularisation.outputDropout),
      ("regularisation.labelSmoothing", regularisation.labelSmoothing),
      ("optimisation.averageDecay", optimisation.averageDecay),
    ] { try require((0..<1).contains(value), key, "from 0 to below 1") }
    for (key, value) in [
      ("optimisation.learningRate", optimisation.learningRate),
      ("optimisation.decayPerEpoch", optimisation.decayPerEpoch),
      ("optimisation.gradientClip", optimisation.gradientClip),
    ] { try require(value > 0 && value.isFinite, key, "above 0") }
    try require(optimisation.warmupSteps >= 0, "optimisation.warmupSteps", "0 or more")
    try require((0...10).contains(regularisation.weightDecay), "regularisation.weightDecay", "from 0 to 10")
    try require(
      Encoder.architectures.contains(encoder.architecture), "encoder.architecture",
      "one of \(Encoder.architectures.joined(separator: ", "))")
    try require(sampling.clipsPerLabel >= 0, "sampling.clipsPerLabel", "0 or more")
    if actionEncoder == .i3d {
      let side = I3D.inputSize
      try require(
        [0, side].contains(encoder.inputSize), "encoder.inputSize", "0 or \(side) for \(encoder.architecture)"
      )
    }
    try require(
      encoder.inputSize == 0 || (32...1024).contains(encoder.inputSize), "encoder.inputSize",
      "0 or from 32 to 1024")
  }

  /// The encoder that the settings name.
  package var actionEncoder: ActionEncoder {
    EfficientNetLite.Variant(rawValue: encoder.architecture).map {
      .efficientNet(EfficientNetLite($0, inputSize: encoder.inputSize == 0 ? nil : encoder.inputSize))
    } ?? .i3d
  }

  /// What the model's folder will say.
  func model(labels: Int) -> ActionConfiguration {
    let sizes = ActionNetwork.Sizes(
      cell: network.cell, channels: actionEncoder.channels, projection: network.projection,
      hidden: network.hidden, attention: network.attention, labels: labels)
    switch actionEncoder {
    case .efficientNet:
      return ActionConfiguration(
        encoder: actionEncoder, network: sizes, framesPerWindow: sampling.framesPerWindow,
        windowSeconds: sampling.windowSeconds)
    case .i3d:
      return ActionConfiguration(
        encoder: actionEncoder, network: sizes, framesPerWindow: I3D.frames,
        windowSeconds: I3D.windowSeconds, strideSeconds: I3D.strideSeconds)
    }
  }

  var dropout: ActionPass.Regularization {
    var values = ActionPass.Regularization()
    values.featureDropout = Float(regularisation.featureDropout)
    values.outputDropout = Float(regularisation.outputDropout)
    values.labelSmoothing = Float(regularisation.labelSmoothing)
    return values
  }

  var optimizer: AdamW<ActionNetwork>.Settings {
    var settings = AdamW<ActionNetwork>.Settings()
    settings.weightDecay = Float(regularisation.weightDecay)
    settings.clip = Float(optimisation.gradientClip)
    settings.averageDecay = Float(optimisation.averageDecay)
    return settings
  }
}
