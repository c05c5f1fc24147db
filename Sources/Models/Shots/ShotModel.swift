import Files
import Foundation
import Networks
import Scenes

/// What `config.json` of a shot model says.
package struct ShotConfiguration: Codable, Equatable, Sendable {
  /// Version of the folder's format: 1.
  package var format = 1
  package var kind = "shots"
  package var network: ShotNetwork.Sizes
  /// Least probability, all kinds together, of a frame in a transition.
  package var threshold: Float

  package init(network: ShotNetwork.Sizes, threshold: Float) {
    (self.network, self.threshold) = (network, threshold)
  }
}

/// The folder of a model that finds shots: `config.json`, `model.safetensors` and a card, `README.md`.
package struct ShotModel: Sendable {
  package let configuration: ShotConfiguration
  package let network: ShotNetwork

  /// Reads and verifies a folder.
  package init(contentsOf folder: URL) throws(ModelError) {
    guard FilePath(folder.path).isFolder else {
      throw .missing(path: folder.path, reason: "no such model folder")
    }
    let file = folder.appendingPathComponent("config.json")
    guard let bytes = try? Data(contentsOf: file) else {
      throw .missing(path: file.path, reason: "cannot be read")
    }
    guard let configuration = try? JSONDecoder().decode(ShotConfiguration.self, from: bytes) else {
      throw .damaged(path: file.path, reason: "not the configuration of a shot model")
    }
    let sizes = configuration.network
    guard configuration.format == 1, configuration.kind == "shots", sizes.channels.count == 3,
      (sizes.channels + [sizes.embedding, sizes.hidden]).allSatisfy({ (1...4096).contains($0) }),
      configuration.threshold > 0, configuration.threshold < 1
    else { throw .damaged(path: file.path, reason: "a configuration that this version cannot run") }
    let path = folder.appendingPathComponent("model.safetensors").path
    do {
      let weights = try SafetensorsFile(path: path)
      let digest = bytes.withUnsafeBytes { XXHash64.hexadecimal($0) }
      guard weights.metadata["format"] == "1", weights.metadata["configuration"] == digest else {
        throw ModelError.damaged(
          path: path, reason: "weights of another format or configuration than config.json")
      }
      network = try ShotNetwork(sizes, from: weights)
    } catch let error as SafetensorsError {
      throw ModelError(error)
    } catch let error as ModelError {
      throw error
    } catch { throw .damaged(path: path, reason: "\(error)") }
    self.configuration = configuration
  }

  /// Writes a folder's files, weights in half precision.
  package static func write(
    _ configuration: ShotConfiguration, network: ShotNetwork, to folder: URL
  ) throws {
    let format = JSONEncoder()
    format.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let config = try format.encode(configuration) + Data("\n".utf8)
    var writer = SafetensorsWriter(metadata: [
      "format": "1", "configuration": config.withUnsafeBytes { XXHash64.hexadecimal($0) },
    ])
    writer.add("shots", network, half: true)
    try WholeFile.write(config, to: folder.appendingPathComponent("config.json").path)
    try writer.write(to: folder.appendingPathComponent("model.safetensors").path)
  }
}
