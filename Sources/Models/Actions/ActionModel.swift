import Files
import Foundation
import Networks
import Tensors

/// What stands on a labelling model's encoder.
package enum ActionHead: Sendable {
  case network(ActionNetwork)
  /// Of the steps' weighted mean.
  case classifier(Linear)
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
    guard configuration.isSound else {
      throw .damaged(path: file.path, reason: "a configuration that this version cannot run")
    }
    self.configuration = configuration
    labels = try Self.labels(
      folder.appendingPathComponent("labels.txt").path, count: configuration.labelCount)
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
    let lines = text.split(whereSeparator: \.isNewline).map(String.init)
    guard lines.count == count else {
      throw .damaged(path: path, reason: "\(lines.count) labels, the configuration says \(count)")
    }
    guard Set(lines).count == count else { throw .damaged(path: path, reason: "a label is listed twice") }
    return lines
  }

  /// What stands on the encoder, with its weights.
  package func head() throws(ModelError) -> ActionHead {
    do {
      if let sizes = configuration.network { return .network(try ActionNetwork(sizes, from: weights)) }
      var random: RandomGenerator?
      var classifier = Linear(
        inputs: configuration.encoder.channels, outputs: configuration.labelCount, using: &random)
      try classifier.load("classifier", from: weights)
      return .classifier(classifier)
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
