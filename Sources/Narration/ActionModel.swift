import Files
import Foundation
import Networks

/// What `config.json` of a labelling model says.
package struct ActionConfiguration: Codable, Equatable, Sendable {
  /// Version of the folder's format: 1.
  package var format = 1
  package var kind = "label"
  package var encoder: EfficientNetLite
  package var network: ActionNetwork.Sizes
  /// Frames that the network sees at once, evenly over a window.
  package var framesPerWindow: Int
  package var windowSeconds: Double
  package var preprocessing = CaptionConfiguration.Preprocessing()

  package init(
    encoder: EfficientNetLite, network: ActionNetwork.Sizes, framesPerWindow: Int, windowSeconds: Double
  ) {
    (self.encoder, self.network) = (encoder, network)
    (self.framesPerWindow, self.windowSeconds) = (framesPerWindow, windowSeconds)
  }
}

/// A labelling model's folder: `config.json`, `labels.txt` (one a line), `model.safetensors` and a card, `README.md`.
package struct ActionModel: Sendable {
  package let configuration: ActionConfiguration
  package let labels: [String]
  package let weights: SafetensorsFile

  /// Reads and verifies a folder.
  package init(contentsOf folder: URL) throws(ModelError) {
    guard FilePath(folder.path).isFolder else {
      throw .missing(path: folder.path, reason: "no such model folder")
    }
    let file = folder.appendingPathComponent("config.json")
    guard let bytes = try? Data(contentsOf: file) else {
      throw .missing(path: file.path, reason: "cannot be read")
    }
    guard let configuration = try? JSONDecoder().decode(ActionConfiguration.self, from: bytes) else {
      throw .damaged(path: file.path, reason: "not the configuration of a labelling model")
    }
    let sizes = configuration.network
    let numbers = [
      sizes.projection, sizes.hidden, sizes.attention, sizes.labels, configuration.framesPerWindow,
      configuration.encoder.inputSize,
    ]
    guard configuration.format == 1, configuration.kind == "label",
      sizes.channels == EfficientNetLite.channels,
      ActionNetwork.Sizes.cells.contains(sizes.cell), numbers.allSatisfy({ (1...100_000).contains($0) }),
      configuration.preprocessing == CaptionConfiguration.Preprocessing(),
      configuration.encoder.inputSize <= 4096,
      configuration.windowSeconds > 0, configuration.windowSeconds <= 3600
    else { throw .damaged(path: file.path, reason: "a configuration that this version cannot run") }
    self.configuration = configuration
    labels = try Self.labels(folder.appendingPathComponent("labels.txt").path, count: sizes.labels)
    let path = folder.appendingPathComponent("model.safetensors").path
    do {
      weights = try SafetensorsFile(path: path)
    } catch { throw ModelError(error) }
    let digest = bytes.withUnsafeBytes { XXHash64.hexadecimal($0) }
    guard weights.metadata["format"] == "1", weights.metadata["configuration"] == digest else {
      throw .damaged(path: path, reason: "weights of another format or configuration than config.json")
    }
  }

  private static func labels(_ path: String, count: Int) throws(ModelError) -> [String] {
    guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
      throw .missing(path: path, reason: "cannot be read")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .damaged(path: path, reason: "not UTF-8")
    }
    let lines = text.split(separator: "\n").map(String.init)
    guard lines.count == count else {
      throw .damaged(path: path, reason: "\(lines.count) labels, the configuration says \(count)")
    }
    guard Set(lines).count == count else { throw .damaged(path: path, reason: "a label is listed twice") }
    return lines
  }

  /// The network with its weights.
  package func network() throws(ModelError) -> ActionNetwork {
    do {
      return try ActionNetwork(configuration.network, from: weights)
    } catch { throw ModelError(error) }
  }

  /// Writes a folder's files, weights in half precision, the encoder's copied along.
  package static func write(
    _ configuration: ActionConfiguration, labels: [String], network: ActionNetwork, encoder: SafetensorsFile,
    to folder: URL
  ) throws {
    let format = JSONEncoder()
    format.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let config = try format.encode(configuration) + Data("\n".utf8)
    var writer = SafetensorsWriter(metadata: [
      "format": "1", "configuration": config.withUnsafeBytes { XXHash64.hexadecimal($0) },
    ])
    for name in encoder.names where name.hasPrefix("encoder.") {
      writer.add(name, try encoder.tensor(name), half: true)
    }
    writer.add("action", network, half: true)
    try WholeFile.write(config, to: folder.appendingPathComponent("config.json").path)
    let lines = labels.joined(separator: "\n") + "\n"
    try WholeFile.write(lines.utf8, to: folder.appendingPathComponent("labels.txt").path)
    try writer.write(to: folder.appendingPathComponent("model.safetensors").path)
  }
}
