import Files
import Foundation
import Media
import Narration

/// A video in shots, as editing programs and players are told of it.
package struct EditList: Sendable {
  package struct Shot: Sendable {
    /// Seconds, by the file's presentation times.
    package let start: Double
    package let end: Double
    /// Counted from the video's first.
    package let frames: Range<Int>
    /// How it begins, and how sure that is.
    package let kind: ShotTransition
    package let confidence: Double
    /// What it shows; nil where nothing was captioned.
    package let caption: String?
    /// What is said in it; empty where that is not known.
    package let spoken: String

    package init(
      start: Double, end: Double, frames: Range<Int>, kind: ShotTransition, confidence: Double,
      caption: String?, spoken: String = ""
    ) {
      (self.start, self.end, self.frames) = (start, end, frames)
      (self.kind, self.confidence) = (kind, confidence)
      (self.caption, self.spoken) = (caption, spoken)
    }
  }

  package struct Chapter: Sendable {
    package let start: Double
    package let end: Double
    package let title: String

    package init(start: Double, end: Double, title: String) {
      (self.start, self.end, self.title) = (start, end, title)
    }
  }

  /// The video's file.
  package struct Media: Sendable {
    /// For people.
    package let name: String
    /// A `file:` address.
    package let address: String
    /// Pixels, upright and square.
    package let width: Int
    package let height: Int

    /// - Parameter path: of the file; nil where it came through a pipe
    package init(_ path: GivenPath?, width: Int, height: Int) {
      (self.width, self.height) = (width, height)
      let location = path.map { $0.location.resolved ?? $0.location }
      name = path?.location.lastComponent?.string ?? "stdin"
      address = "file://" + FileAddress.escaped(location?.bytes ?? Array("/dev/stdin".utf8))
    }
  }

  package let media: Media
  package let timing: FrameTiming
  /// In order of time, at least one; each starts where the one before ends.
  package let shots: [Shot]
  /// Likewise.
  package let chapters: [Chapter]
  /// What is taken from the times that players are told.
  package let shift: Double
  /// Of the video's first frame: the file's own, or zero.
  let source: SMPTETimecode
  /// Of the timeline's first frame.
  let record: SMPTETimecode
  /// Whether the file's timecode is none of its rate.
  private let isOddTimecode: Bool

  package init(
    _ media: Media, _ timing: FrameTiming, shots: [Shot], chapters: [Chapter], origin: TimeOrigin = .zero
  ) {
    (self.media, self.timing, self.shots, self.chapters) = (media, timing, shots, chapters)
    shift = Timecode.shift(origin, start: timing.start)
    let rate = timing.counted
    let own = timing.timecode.flatMap { SMPTETimecode($0, rate: rate) }
    isOddTimecode = timing.timecode != nil && own == nil
    source = own ?? SMPTETimecode(frames: 0, rate: rate, dropsFrames: true)
    record = .hour(rate, dropsFrames: source.dropsFrames)
  }

  /// The shots on the timeline, whose frames begin with 0; those that are shorter than its frames have none.
  var spans: [(shot: Shot, frames: Range<Int>)] {
    shots.compactMap { shot in
      let (first, end) = (timing.frame(at: shot.start), timing.frame(at: shot.end))
      return first < end ? (shot, first..<end) : nil
    }
  }

  /// Frames of the timeline.
  var length: Int { max(1, shots.last.map { timing.frame(at: $0.end) } ?? 1) }

  /// The source's timecode of the frame nearest to a time; nil where the file has none.
  package func timecode(at time: Double) -> String? {
    timing.timecode == nil || isOddTimecode ? nil : (source + timing.frame(at: time)).description
  }

  /// What a shot is called.
  static func name(_ shot: Shot, _ index: Int) -> String { shot.caption ?? "Shot \(index + 1)" }

  /// What the formats cannot say, a line each.
  package func warnings(_ kinds: [ExportKind]) -> [String] {
    var lines: [String] = []
    let counting = kinds.filter(\.countsFrames).map(\.rawValue).joined(separator: ", ")
    guard !counting.isEmpty else { return lines }
    if timing.rate == nil {
      lines.append(
        "its frame rate varies, which \(counting) cannot say: each cut is at the nearest of \(timing.counted) frames a second"
      )
    } else if let rate = timing.rate, !timing.isExact {
      lines.append(
        "no timecode counts \(rate) frames a second: in \(counting) each cut is at the nearest of \(timing.counted)"
      )
    }
    if isOddTimecode {
      lines.append("its timecode \(timing.timecode ?? "") is none of its frame rate: counted from \(source)")
    }
    let tooShort = shots.count - spans.count
    if tooShort > 0 {
      lines.append("\(tooShort) shots too short for a frame of \(counting) are left out there")
    }
    if kinds.contains(.edl) || kinds.contains(.markers), spans.count > EDL.eventLimit {
      lines.append("\(spans.count) events; CMX 3600 knows \(EDL.eventLimit), and some programs read no more")
    }
    return lines
  }
}
