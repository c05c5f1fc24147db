import Files
import Foundation
import Media
import Narration

/// The shots of a video as `narrate shots` tells them.
package struct ShotReport {
  /// A file that was cut out of a video.
  package struct Piece: Sendable {
    package let file: String
    /// Seconds, by the video's presentation times.
    package let start: Double
    package let end: Double
    /// Where it was to begin; nil where the video does.
    package let wanted: Double?

    package init(file: String, start: Double, end: Double, wanted: Double?) {
      (self.file, self.start, self.end, self.wanted) = (file, start, end, wanted)
    }
  }

  /// A line a shot: start, end, how it begins and how sure that is, between tabs.
  package static func line(_ shot: Shot) -> String {
    String(
      format: "%.3f\t%.3f\t%@\t%.4f\n", shot.start, shot.end, shot.transition.rawValue, shot.confidence)
  }

  /// - Parameter pieces: empty where it was not split
  package static func json(
    _ list: ShotList, path: String, model: String, exports: [String], pieces: [Piece]
  ) -> JSON {
    let shots = list.shots.map { shot in
      JSON.object([
        ("start", .rounded(shot.start, places: 3)), ("end", .rounded(shot.end, places: 3)),
        ("start_frame", .integer(shot.frames.lowerBound)), ("end_frame", .integer(shot.frames.upperBound)),
        ("transition", .string(shot.transition.rawValue)),
        ("confidence", .rounded(shot.confidence, places: 4)),
      ])
    }
    return .object(
      [
        ("path", .string(path)), ("status", .string("ok")),
        ("duration", .rounded(list.timing.end - list.timing.start, places: 3)),
      ] + list.timing.fields + [("shots", .array(shots))]
        + (exports.isEmpty ? [] : [("exports", .array(exports.map { .string($0) }))])
        + (pieces.isEmpty ? [] : [("pieces", .array(pieces.map(json)))]) + [
          ("damaged_frames", .integer(list.damagedFrames)), ("model", .string(model)),
        ])
  }

  private static func json(_ piece: Piece) -> JSON {
    .object([
      ("file", .string(piece.file)), ("start", .rounded(piece.start, places: 3)),
      ("end", .rounded(piece.end, places: 3)),
      ("wanted", piece.wanted.map { .rounded($0, places: 3) } ?? .null),
      ("off", .rounded(piece.wanted.map { piece.start - $0 } ?? 0, places: 3)),
    ])
  }
}

extension EditList {
  /// Of shots without captions, each a chapter, or as many as are wanted, the longest and surest.
  /// - Parameter video: its file; nil where it came through a pipe
  package init(
    _ list: ShotList, of video: GivenPath?, transcript: Transcript?, chapters most: Int?, origin: TimeOrigin
  ) {
    let bounds = list.shots.map { ($0.start, $0.end) }
    let spoken = transcript?.spoken(in: bounds, start: list.timing.start) ?? bounds.map { _ in "" }
    let shots = zip(list.shots, spoken).map { shot, spoken in
      Shot(
        start: shot.start, end: shot.end, frames: shot.frames, kind: shot.transition,
        confidence: shot.confidence, caption: nil, spoken: spoken)
    }
    let weights = shots.map { max(0, $0.end - $0.start) * $0.confidence }
    let groups = Joining.groups(of: weights, atMost: most ?? max(1, shots.count))
    let chapters = groups.map { group in
      Chapter(
        start: shots[group.lowerBound].start, end: shots[group.upperBound - 1].end,
        title: Self.name(shots[group.lowerBound], group.lowerBound))
    }
    self.init(
      Media(video, width: list.width, height: list.height), list.timing, shots: shots, chapters: chapters,
      origin: origin)
  }
}
