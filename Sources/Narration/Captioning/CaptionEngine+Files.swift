import Files
import Foundation
import Media
import Models

extension CaptionEngine {
  /// Captions files, the pictures among them in one search.
  /// - Parameters:
  ///   - paths: at most `batch`
  ///   - check: called now and then; may throw to stop.
  /// - Returns: for each its captions, best first, or why there are none.
  func captions(
    ofFiles paths: [String], options: CaptionOptions, check: () throws -> Void
  ) throws -> [Result<[Caption], NarrationError>] {
    var failures = [NarrationError?](repeating: nil, count: paths.count)
    let stills = try captions(paths.count, options: options) { index in
      try check()
      do {
        guard try MediaKind(contentsOf: paths[index]).isStill else { return nil }
        let decoding = DecodeOptions(coveringSide: decodingSide, acceptsDamage: options.acceptsDamage)
        return [try Picture(contentsOf: paths[index], options: decoding).image]
      } catch let error as MediaError {
        failures[index] = NarrationError(error)
        return nil
      }
    }
    return try paths.indices.map { index in
      if let failure = failures[index] { return .failure(failure) }
      if let captions = stills[index] { return .success(captions) }
      do {
        return .success(try captions(ofVideo: paths[index], options: options, check: check))
      } catch let error as MediaError {
        return .failure(NarrationError(error))
      }
    }
  }

  /// Captions what a file holds.
  /// - Throws: `NarrationError` without a file if it is the data's fault.
  func captions(ofData data: Data, options: CaptionOptions, check: () throws -> Void) throws -> [Caption] {
    let bytes = [UInt8](data)
    do {
      if let kind = MediaKind(bytes), kind == .jpeg || kind == .png {
        let decoding = DecodeOptions(coveringSide: decodingSide, acceptsDamage: options.acceptsDamage)
        return try caption(Picture(bytes: bytes, path: "", options: decoding).image, options: options)
      }
    } catch let error as MediaError { throw NarrationError(error).withoutFile }
    // FFmpeg goes back and forth in a file.
    let file = try TemporaryFile(bytes)
    let path = file.path
    let outcome = try withExtendedLifetime(file) {
      try captions(ofFiles: [path], options: options, check: check)[0]
    }
    return try outcome.mapError(\.withoutFile).get()
  }

  private func captions(
    ofVideo path: String, options: CaptionOptions, check: () throws -> Void
  ) throws -> [Caption] {
    var found: [Caption] = []
    try withoutActuallyEscaping(check) { check in
      try caption(open(path), options: options, progress: { _, _ in try check() }) { clip, _ in
        found = clip.captions
      }
    }
    return found
  }

  /// Opens a video to be captioned.
  func open(_ path: String) throws(MediaError) -> VideoFile {
    var options = VideoOptions(coveringSide: decodingSide)
    options.threads = threads
    return try VideoFile(contentsOf: path, options: options)
  }
}

extension NarrationError {
  /// Of data that is in no file of the caller's.
  var withoutFile: NarrationError { NarrationError(kind, reason: reason) }
}
