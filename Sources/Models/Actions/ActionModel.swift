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
    let folder = ModelFolder(folder)
    let (configuration, digest) = try folder.configuration(of: ActionConfiguration.self)
    self.configuration = configuration
    labels = try Self.labels(folder.file(Self.labelsName), count: configuration.labelCount)
    weights = try folder.weights(format: configuration.format, digest: digest)
  }

  private static let labelsName = "labels.txt"

  private static func labels(_ file: ModelFile, count: Int) throws(ModelError) -> [String] {
    let lines = try file.lines()
    guard lines.count == count else {
      throw file.damaged("\(lines.count) labels, the configuration says \(count)")
    }
    guard Set(lines).count == count else { throw file.damaged("a label is listed twice") }
    return lines
  }

  /// What stands on the encoder, with its weights.
  package func head() throws(ModelError) -> ActionHead {
    do {
      if let sizes = configuration.network { return .network(try ActionNetwork(sizes, from: weights)) }
      let source = WeightSource(weights, "classifier")
      let (labels, channels) = (configuration.labelCount, configuration.encoder.channels)
      return .classifier(
        Linear(
          weight: try source.matrix("weight", [labels, channels]),
          bias: try source.tensor("bias", [labels])))
    } catch { throw ModelError(error) }
  }

  /// Writes a folder's files, all or none, weights in half precision, the encoder's copied along.
  package static func write(
    _ configuration: ActionConfiguration, labels: [String], network: ActionNetwork, encoder: SafetensorsFile,
    to folder: URL
  ) throws {
    let lines = Data((labels.joined(separator: "\n") + "\n").utf8)
    try ModelFolder(folder).write(configuration, texts: [(labelsName, lines)]) { writer in
      for name in encoder.names where name.hasPrefix("encoder.") {
        writer.add(name, try encoder.tensor(name), half: true)
      }
      writer.add("action", network, half: true)
    }
  }
}
