/// What `config.json` of a labelling model says.
package struct ActionConfiguration: ModelConfiguration, Equatable {
  /// The encoder's own classes: one linear layer, named `classifier`.
  package struct Classifier: Codable, Equatable, Sendable {
    package var labels: Int
  }
  /// What turns scores into probabilities that can be believed.
  package struct Calibration: Codable, Equatable, Sendable {
    /// The scores are divided by it (Guo et al. 2017).
    package var temperature = 1.0
    /// Below this probability a label is not said firmly.
    package var threshold = 0.5
    package init(temperature: Double = 1, threshold: Double = 0.5) {
      (self.temperature, self.threshold) = (temperature, threshold)
    }
  }

  package static let modelName = "a labelling model"
  package static let currentFormat = 1
  package var format = Self.currentFormat
  package var kind = ModelKind.label
  package var encoder: ActionEncoder
  /// A network of this package's over the encoder's features; or a `classifier`, one of the two.
  package var network: ActionNetwork.Sizes?
  package var classifier: Classifier?
  /// Frames that the network sees at once, evenly over a window.
  package var framesPerWindow: Int
  package var windowSeconds: Double
  /// Seconds between the beginnings of two windows of a long video; nil is half a window.
  package var strideSeconds: Double?
  package var calibration: Calibration?
  package var preprocessing: Preprocessing

  package init(
    encoder: ActionEncoder, network: ActionNetwork.Sizes, framesPerWindow: Int, windowSeconds: Double,
    strideSeconds: Double? = nil
  ) {
    (self.encoder, self.network, preprocessing) = (encoder, network, encoder.preprocessing)
    (self.framesPerWindow, self.windowSeconds) = (framesPerWindow, windowSeconds)
    self.strideSeconds = strideSeconds
  }

  /// Seconds that a window may have, and those between two: one frame of ten in a second at least, an hour at most.
  package static let windows = 0.1...3600
  package static let mostFrames = 8192

  /// Steps of a window's features.
  package var steps: Int { framesPerWindow / encoder.framesPerStep }
  package var labelCount: Int { network?.labels ?? classifier?.labels ?? 0 }

  package var isSound: Bool {
    var numbers = [framesPerWindow, encoder.inputSize, labelCount]
    if let network {
      numbers += [network.projection, network.hidden, network.attention]
      guard network.channels == encoder.channels else { return false }
    }
    let calibration = calibration ?? Calibration()
    return kind == .label && (network == nil) != (classifier == nil)
      // The weights of a window's steps before a classifier are I3D's, and it takes windows of one size.
      && (encoder == .i3d ? framesPerWindow == I3D.frames : classifier == nil)
      && numbers.allSatisfy { (1...100_000).contains($0) } && framesPerWindow <= Self.mostFrames
      && encoder.isSound && preprocessing.isSound
      && [windowSeconds, strideSeconds ?? 1].allSatisfy(Self.windows.contains)
      && (0.01...100).contains(calibration.temperature)
      && (0...1).contains(calibration.threshold)
  }
}
