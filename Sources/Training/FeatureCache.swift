import Foundation
import Narration
import Networks

/// The folder of feature stores: opens those that are there, makes those that are not.
final class FeatureCache {
  private let folder: URL
  private let network: EfficientNetLite
  private let weights: SafetensorsFile
  private let identity: String
  private let threads: Int
  private let report: (TrainingEvent) throws -> Void
  private var workers: EncoderWorkers?

  /// - Parameter identity: names the encoder and its weights.
  init(
    folder: URL, network: EfficientNetLite, weights: SafetensorsFile, identity: String, threads: Int,
    report: @escaping (TrainingEvent) throws -> Void
  ) {
    (self.folder, self.network, self.weights) = (folder, network, weights)
    (self.identity, self.threads, self.report) = (identity, threads, report)
  }

  /// The features of pictures of one split of a data set.
  /// - Parameter source: the file that lists the pictures.
  func store(
    _ pictures: [CaptionDataset.Example], _ variant: FeatureStoreLayout.Variant, _ source: String
  ) throws -> FeatureStore {
    let positions = network.gridSide * network.gridSide
    let layout = FeatureStoreLayout(
      variant, encoder: identity, positions: positions, channels: EfficientNetLite.channels,
      pictures: pictures)
    let tag = Array("\(source)\u{0}\(identity)".utf8).withUnsafeBytes { XXHash64.hexadecimal($0) }
    let name = "\(tag)-\(pictures.first?.split ?? "none")-\(variant)"
    let path = folder.appendingPathComponent("\(name).features").path
    if let store = try? FeatureStore(path, layout) { return store }
    let writer = try FeatureStoreWriter(path, layout)
    let done = pictures.count - writer.missing.count
    try encoders().fill(writer, pictures: pictures, flipped: variant == .flipped) { count in
      try report(
        .encoding(
          name: "\(pictures.first?.split ?? "none"), \(variant)", done: done + count, of: pictures.count))
    }
    return try FeatureStore(path, layout)
  }

  private func encoders() throws -> EncoderWorkers {
    if let workers { return workers }
    let made = try EncoderWorkers(network, weights: weights, threads: threads)
    workers = made
    return made
  }
}
