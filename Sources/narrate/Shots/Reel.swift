import Files
import Foundation
import Media
import Narration
import Reports

/// What matters most in a video, as one video: parts between key frames, copied.
struct Reel {
  private let file: WholeFile
  private let path: GivenPath

  /// Opened before the work, so that a place that cannot be written is known in time.
  init(_ path: GivenPath) throws(FileError) { (file, self.path) = (try WholeFile(path), path) }

  /// - Parameters:
  ///   - video: a readable path to what was summarized
  ///   - length: in seconds, at most
  /// - Throws: `InputFailure` where nothing so short can be cut out, `MediaError` where it cannot be cut at all.
  func write(_ summary: Summary, of video: String, length: Double) throws {
    let splitter = try VideoSplitter(contentsOf: video)
    let name = path.location.extension?.lowercased() ?? ""
    guard name == splitter.suffix else {
      throw InputFailure(
        kind: .unsupported,
        message: "its reel is of the same format: --reel takes a name that ends in .\(splitter.suffix)")
    }
    let keyFrames = try splitter.keyFrames(Interruption.check)
    let closed = keyFrames.enumerated().filter { $0 == 0 || $1.isClosed }.map(\.element)
    guard let end = summary.shots.last?.end else { return }
    let stretches = summary.highlights(length: length, borders: closed.map(\.time) + [end])
    guard !stretches.isEmpty else {
      throw InputFailure(
        kind: .unsupported,
        message: String(format: "no part between key frames is as short as %.1f s", length))
    }
    let parts = stretches.compactMap { stretch in
      closed.first { $0.time == stretch.start }.map { first in
        VideoSplitter.Part(from: first, to: closed.first { $0.time == stretch.end })
      }
    }
    do {
      try splitter.join(parts, to: file.number, Interruption.check)
    } catch let error as PieceError {
      throw FileError(.write, path: path.text, code: error.code)
    }
    try file.commit()
  }
}
