import Foundation
import Networks

/// What `config.json` of a shot model says.
package struct ShotConfiguration: ModelConfiguration, Equatable {
  package static let modelName = "a shot model"
  package static let currentFormat = 1
  package var format = Self.currentFormat
  package var kind = ModelKind.shots
  package var network: ShotNetwork.Sizes
  /// Least probability, all kinds together, of a frame in a transition.
  package var threshold: Float

  package init(network: ShotNetwork.Sizes, threshold: Float) {
    (self.network, self.threshold) = (network, threshold)
  }

  package var isSound: Bool {
    kind == .shots && network.channels.count == 3
      && (network.channels + [network.embedding, network.hidden]).allSatisfy { (1...4096).contains($0) }
      && threshold > 0 && threshold < 1
  }
}

/// The folder of a model that finds shots: `config.json`, `model.safetensors` and a card, `README.md`.
package struct ShotModel: Sendable {
  package let configuration: ShotConfiguration
  package let network: ShotNetwork

  /// Reads and verifies a folder.
  package init(contentsOf folder: URL) throws(ModelError) {
    let folder = ModelFolder(folder)
    let (configuration, digest) = try folder.configuration(of: ShotConfiguration.self)
    self.configuration = configuration
    let weights = try folder.weights(format: configuration.format, digest: digest)
    do {
      network = try ShotNetwork(configuration.network, from: weights)
    } catch { throw ModelError(error) }
  }

  /// Writes a folder's files, all or none, weights in half precision.
  package static func write(
    _ configuration: ShotConfiguration, network: ShotNetwork, to folder: URL
  ) throws {
    try ModelFolder(folder).write(configuration) { $0.add("shots", network, half: true) }
  }
}
