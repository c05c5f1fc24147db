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
  /// - Parameters:
  ///   - progress: called with the number of records done, from one thread at a time.
  ///   - encode: makes a record with an encoder that no one else uses meanwhile, and hands it on.
  /// - Throws: the first picture's or file's error.
  func fill(
    _ writer: FeatureStoreWriter, chunk perWorker: Int = 32, progress: (Int) throws -> Void,
    _ encode: (GridEncoder, Int, (UnsafePointer<Float>) throws -> Void) throws -> Void
  ) throws {
    let chunk = perWorker * encoders.count
    let missing = writer.missing
    for start in stride(from: 0, to: missing.count, by: chunk) {
      let records = Array(missing[start..<min(start + chunk, missing.count)])
      try parallel(encoders.count) { worker in
        for index in stride(from: worker, to: records.count, by: encoders.count) {
          let record = records[index]
          try encode(encoders[worker], record) { try writer.write(record, $0) }
        }
      }
      try progress(start + records.count)
    }
    try writer.finish()
  }
}
