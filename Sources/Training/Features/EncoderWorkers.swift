import Compute

/// Runs the frozen encoder over pictures, one worker a core, and fills feature stores.
struct EncoderWorkers<Encoder> {
  private let encoders: [Encoder]

  /// - Parameter encoders: one for each worker, made for one thread.
  init(_ encoders: [Encoder]) { self.encoders = encoders }

  /// Writes the records that a store lacks, and those of their groups.
  /// - Parameters:
  ///   - groups: records that are made at once
  ///   - progress: called with the number of records done, from one thread at a time.
  ///   - encode: as in `FeatureRequest`.
  /// - Throws: the first picture's or file's error.
  func fill(
    _ writer: FeatureStoreWriter, groups: [Range<Int>], chunk perWorker: Int,
    progress: (Int) throws -> Void,
    _ encode: (Encoder, Range<Int>, (Int, UnsafePointer<Float>) throws -> Void) throws -> Void
  ) throws {
    let chunk = perWorker * encoders.count
    let missing = Set(writer.missing)
    let groups = groups.filter { $0.contains(where: missing.contains) }
    var done = 0
    for start in stride(from: 0, to: groups.count, by: chunk) {
      let part = Array(groups[start..<min(start + chunk, groups.count)])
      try parallel(encoders.count) { worker in
        for index in stride(from: worker, to: part.count, by: encoders.count) {
          try encode(encoders[worker], part[index]) { try writer.write($0, $1) }
        }
      }
      done += part.reduce(0) { $0 + $1.count(where: missing.contains) }
      try progress(done)
    }
    try writer.finish()
  }
}
