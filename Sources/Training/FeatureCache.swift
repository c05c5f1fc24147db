import Foundation
import Media
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

  /// The features of pictures of one split of a data set: a record for each, and for each frame of a clip.
  /// - Parameter source: the file that lists the pictures.
  func store(
    _ pictures: [CaptionDataset.Example], _ variant: FeatureStoreLayout.Variant, _ source: String
  ) throws -> FeatureStore {
    let options = DecodeOptions(coveringSide: network.inputSize)
    let files = pictures.flatMap { picture in
      picture.files.enumerated().map { index, file in
        SourceFile(id: picture.files.count == 1 ? picture.id : "\(picture.id) \(index)", path: file)
      }
    }
    return try store(
      files, variant, source, split: pictures.first?.split,
      positions: network.gridSide * network.gridSide
    ) { encoder, record, write in
      let image = try Picture(contentsOf: files[record].path, options: options).image
      try write(encoder.encode(variant == .flipped ? image.mirrored : image))
    }
  }

  /// The features of files of one split, `positions` rows each, as `encode` makes them.
  func store(
    _ files: [SourceFile], _ variant: FeatureStoreLayout.Variant, _ source: String, split: String?,
    positions: Int,
    _ encode: (GridEncoder, Int, (UnsafePointer<Float>) throws -> Void) throws -> Void
  ) throws -> FeatureStore {
    let layout = FeatureStoreLayout(
      variant, encoder: identity, positions: positions, channels: EfficientNetLite.channels, files: files)
    let tag = Array("\(source)\u{0}\(identity)".utf8).withUnsafeBytes { XXHash64.hexadecimal($0) }
    let split = split ?? "none"
    let path = folder.appendingPathComponent("\(tag)-\(split)-\(variant).features").path
    if let store = try? FeatureStore(path, layout) { return store }
    let writer = try FeatureStoreWriter(path, layout)
    let done = files.count - writer.missing.count
    try encoders().fill(
      writer,
      progress: { count in
        try report(.encoding(name: "\(split), \(variant)", done: done + count, of: files.count))
      }, encode)
    return try FeatureStore(path, layout)
  }

  private func encoders() throws -> EncoderWorkers {
    if let workers { return workers }
    let made = try EncoderWorkers(network, weights: weights, threads: threads)
    workers = made
    return made
  }
}
