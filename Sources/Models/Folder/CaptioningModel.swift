import Foundation
import Networks

/// A captioning model's folder, whoever trained it.
package enum CaptioningModel: Sendable {
  /// By this package.
  case trained(CaptionModel)
  /// A public checkpoint.
  case imported(CheckpointModel)

  /// Reads and verifies a folder.
  package init(contentsOf folder: URL) throws(ModelError) {
    self =
      CheckpointModel.isOne(folder)
      ? .imported(try CheckpointModel(contentsOf: folder)) : .trained(try CaptionModel(contentsOf: folder))
  }

  package var weights: SafetensorsFile {
    switch self {
    case .trained(let model): model.weights
    case .imported(let model): model.weights
    }
  }

  /// What its calibration files know the weights by.
  package var weightsDigest: String { weights.metadata["checksum"] ?? weights.contentDigest }

  /// Features of each position of a picture.
  package var channels: Int {
    switch self {
    case .trained(let model): model.configuration.decoder.channels
    case .imported(let model): model.configuration.encoder.width
    }
  }

  /// Layers whose outputs are kept to a range where the encoder calculates in whole numbers of eight bits. An imported model's have
  /// a step in each row, found as it comes.
  package var rangedLayers: [String] {
    switch self {
    case .trained(let model): model.configuration.encoder.linearLayers.map(\.name)
    case .imported: []
    }
  }

  /// What tells the classes of the mean of its features; nil of an imported model, which knows none.
  package func classifier() throws(ModelError) -> ImageClassifier? {
    guard case .trained(let model) = self else { return nil }
    do {
      return try ImageClassifier(from: model.weights)
    } catch { throw ModelError(error) }
  }
}

extension CaptionModel {
  /// See `CaptioningModel`.
  package var weightsDigest: String { CaptioningModel.trained(self).weightsDigest }
}
