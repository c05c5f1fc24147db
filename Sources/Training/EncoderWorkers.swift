import Compute
import Dispatch
import Media
import Narration
import Networks

/// Runs the frozen encoder over pictures, one worker a core, and fills feature stores.
struct EncoderWorkers {
  private let encoders: [GridEncoder]
  let network: EfficientNetLite

  init(_ network: EfficientNetLite, weights: SafetensorsFile, threads: Int) throws {
    self.network = network
    setThreadCount(1)
    encoders = try (0..<threads).map { _ in try GridEncoder(network, weights: weights, Engine()) }
  }

  /// Writes the records that a store lacks.
  /// - Parameter progress: called with the number of pictures done, from one thread at a time.
  /// - Throws: the first picture's or file's error.
  func fill(
    _ writer: FeatureStoreWriter, pictures: [CaptionDataset.Example], flipped: Bool,
    progress: (Int) throws -> Void
  ) throws {
    let chunk = 32 * encoders.count
    let missing = writer.missing
    for start in stride(from: 0, to: missing.count, by: chunk) {
      let records = Array(missing[start..<min(start + chunk, missing.count)])
      try parallel(encoders.count) { worker in
        for index in stride(from: worker, to: records.count, by: encoders.count) {
          let record = records[index]
          let options = DecodeOptions(coveringSide: network.inputSize)
          let image = try Picture(contentsOf: pictures[record].file, options: options).image
          try writer.write(record, encoders[worker].encode(flipped ? image.mirrored : image))
        }
      }
      try progress(start + records.count)
    }
    try writer.finish()
  }
}
