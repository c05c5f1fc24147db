import Foundation
import Media

/// What the times of a result begin with.
package enum TimeOrigin: String, CaseIterable, Sendable {
  /// The file's own presentation times.
  case file
  /// The first frame is shown at 0, as a player has it.
  case zero
}

/// Times as subtitles and people write them.
package enum Timecode {
  /// `00:00:01.000 --> 00:00:02.500`, in SubRip with commas. Neither format has times before 0, and a cue lasts.
  package static func cue(_ start: Double, _ end: Double, isSubRip: Bool) -> String {
    let begin = milliseconds(start)
    return "\(clock(begin, isSubRip)) --> \(clock(max(begin + 1, milliseconds(end)), isSubRip))"
  }

  /// What is taken from all times of cues, which cannot begin before 0.
  /// - Parameter start: when the first one begins, in seconds
  package static func shift(_ origin: TimeOrigin, start: Double) -> Double {
    origin == .zero ? start : min(0, start)
  }

  private static func milliseconds(_ seconds: Double) -> Int {
    Int(bounded: (bounded(seconds) * 1000).rounded())
  }

  private static func clock(_ milliseconds: Int, _ isSubRip: Bool) -> String {
    String(
      format: "%02d:%02d:%02d%@%03d", milliseconds / 3_600_000, milliseconds / 60_000 % 60,
      milliseconds / 1000 % 60, isSubRip ? "," : ".", milliseconds % 1000)
  }

  /// No video is longer than a century; a file that says so may be read.
  private static func bounded(_ seconds: Double) -> Double { min(max(0, seconds), 3.2e9) }

  /// `1:02`, `1:02:03`, `-0:10`.
  package static func short(_ seconds: Double) -> String {
    let whole = Int(bounded: bounded(abs(seconds)))
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    let sign = seconds < 0 && whole > 0 ? "-" : ""
    return hours > 0
      ? String(format: "%@%d:%02d:%02d", sign, hours, minutes, whole % 60)
      : String(format: "%@%d:%02d", sign, minutes, whole % 60)
  }
}
