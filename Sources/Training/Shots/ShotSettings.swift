import Datasets
import Models
import Narration
import Networks

/// Every setting of a training run for shots, with its default.
package struct ShotSettings: TrainingSettings, Equatable {
  package struct Network: Codable, Equatable, Sendable {
    package var firstChannels = 16
    package var secondChannels = 32
    package var thirdChannels = 64
    package var embedding = 64
    package var hidden = 64
    /// Least probability of a frame in a transition.
    package var threshold = 0.5
  }

  package struct Optimisation: Codable, Equatable, Sendable {
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

  package struct Validation: Codable, Equatable, Sendable {
    package var videos = 40
    package var shotsPerVideo = 21
  }

  package var seed: UInt64 = 1
  package var network = Network()
  package var optimisation = Optimisation()
  package var validation = Validation()

  package init() {}

  package func validate(path: String) throws(DataError) {
    func require(_ holds: Bool, _ key: String, _ rule: String) throws(DataError) {
      if !holds { throw DataError(.damaged, path: path, location: key, reason: "must be \(rule)") }
    }
    for (key, value) in [
      ("network.firstChannels", network.firstChannels), ("network.secondChannels", network.secondChannels),
      ("network.thirdChannels", network.thirdChannels), ("network.embedding", network.embedding),
      ("network.hidden", network.hidden), ("optimisation.stretchesPerBatch", optimisation.stretchesPerBatch),
      ("optimisation.batchesPerEpoch", optimisation.batchesPerEpoch),
      ("optimisation.epochs", optimisation.epochs), ("optimisation.patience", optimisation.patience),
      ("optimisation.shards", optimisation.shards), ("validation.videos", validation.videos),
      ("validation.shotsPerVideo", validation.shotsPerVideo),
    ] { try require((1...4096).contains(value), key, "from 1 to 4096") }
    for (key, value) in [
      ("network.threshold", network.threshold), ("optimisation.averageDecay", optimisation.averageDecay),
    ] { try require(value > 0 && value < 1, key, "above 0, below 1") }
    for (key, value) in [
      ("optimisation.learningRate", optimisation.learningRate),
      ("optimisation.decayPerEpoch", optimisation.decayPerEpoch),
      ("optimisation.gradientClip", optimisation.gradientClip),
      ("optimisation.cutWeight", optimisation.cutWeight),
    ] { try require(value > 0 && value.isFinite, key, "above 0") }
    try require(optimisation.warmupSteps >= 0, "optimisation.warmupSteps", "0 or more")
    try require((0...10).contains(optimisation.weightDecay), "optimisation.weightDecay", "from 0 to 10")
  }

  var sizes: ShotNetwork.Sizes {
    ShotNetwork.Sizes(
      channels: [network.firstChannels, network.secondChannels, network.thirdChannels],
      embedding: network.embedding, hidden: network.hidden)
  }

  var optimizer: AdamW<ShotNetwork>.Settings {
    var settings = AdamW<ShotNetwork>.Settings()
    settings.weightDecay = Float(optimisation.weightDecay)
    settings.clip = Float(optimisation.gradientClip)
    settings.averageDecay = Float(optimisation.averageDecay)
    return settings
  }
}
