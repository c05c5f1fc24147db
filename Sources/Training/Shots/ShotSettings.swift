import Models
import Narration
import Networks

/// Every setting of a training run for shots, with its default.
package struct ShotSettings: TrainingSettings {
  package struct Network: Equatable, Sendable {
    package var firstChannels = 16
    package var secondChannels = 32
    package var thirdChannels = 64
    package var embedding = 64
    package var hidden = 64
    /// Least probability of a frame in a transition.
    package var threshold = 0.5
  }

  package struct Optimization: Equatable, Sendable {
    package var learningRate = 1e-3
    package var warmupSteps = 50
    package var decayPerEpoch = 0.9
    package var weightDecay = 0.01
    package var gradientClip = 1.0
    package var averageDecay = 0.99
    /// What the frame of a cut counts for: a dissolve has many frames, a cut one.
    package var cutWeight = 3.0
    package var stretchesPerBatch = 12
    package var batchesPerEpoch = 200
    package var epochs = 30
    /// Epochs without a better validation score before training ends.
    package var patience = 10
    /// Parts that a batch's gradient is summed from, on as many threads at most.
    package var shards = 4
  }

  package struct Validation: Equatable, Sendable {
    package var videos = 40
    package var shotsPerVideo = 21
  }

  package var seed: UInt64 = 1
  package var network = Network()
  package var optimization = Optimization()
  package var validation = Validation()

  package init() {}

  var sizes: ShotNetwork.Sizes {
    ShotNetwork.Sizes(
      channels: [network.firstChannels, network.secondChannels, network.thirdChannels],
      embedding: network.embedding, hidden: network.hidden)
  }

  var optimizer: AdamW<ShotNetwork>.Settings {
    var settings = AdamW<ShotNetwork>.Settings()
    settings.weightDecay = Float(optimization.weightDecay)
    settings.clip = Float(optimization.gradientClip)
    settings.averageDecay = Float(optimization.averageDecay)
    return settings
  }
}
