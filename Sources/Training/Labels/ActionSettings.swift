import Models
import Narration
import Networks

/// Every setting of a training run for labels, with its default.
package struct ActionSettings: TrainingSettings {
  package struct Encoder: Equatable, Sendable {
    package enum Architecture: String, CaseIterable, Sendable {
      /// Sees movement.
      case i3d
      /// For single pictures.
      case lite1 = "efficientnet-lite1"
      case lite2 = "efficientnet-lite2"
    }

    package var architecture = Architecture.i3d
    /// Side of the square picture, in pixels; 0 is what the network was made for.
    package var inputSize = 0
    package init() {}
  }

  package struct Network: Equatable, Sendable {
    package var cell = ActionNetwork.Cell.lstm
    package var projection = 256
    package var hidden = 256
    package var attention = 128
  }

  package struct Sampling: Equatable, Sendable {
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

  package struct Optimization: Equatable, Sendable {
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
  package var regularization = RegularizationSettings(weightDecay: 0.01)
  package var optimization = Optimization()

  package init() {}

  /// The encoder that the settings name.
  package var actionEncoder: ActionEncoder {
    let side = encoder.inputSize == 0 ? nil : encoder.inputSize
    return switch encoder.architecture {
    case .i3d: .i3d
    case .lite1: .efficientNet(EfficientNetLite(.lite1, inputSize: side))
    case .lite2: .efficientNet(EfficientNetLite(.lite2, inputSize: side))
    }
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

  var optimizer: AdamW<ActionNetwork>.Settings {
    var settings = AdamW<ActionNetwork>.Settings()
    settings.weightDecay = Float(regularization.weightDecay)
    settings.clip = Float(optimization.gradientClip)
    settings.averageDecay = Float(optimization.averageDecay)
    return settings
  }
}
