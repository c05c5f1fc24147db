import Foundation
import Media

/// Times as subtitles and people write them.
package enum Timecode {
  /// `00:00:01.000 --> 00:00:02.500`, in SubRip with commas.
  package static func cue(_ start: Double, _ end: Double, isSubRip: Bool) -> String {
    "\(clock(start, isSubRip)) --> \(clock(end, isSubRip))"
  }

  private static func clock(_ seconds: Double, _ isSubRip: Bool) -> String {
    let milliseconds = Int(bounded: (bounded(seconds) * 1000).rounded())
    return String(
      format: "%02d:%02d:%02d%@%03d", milliseconds / 3_600_000, milliseconds / 60_000 % 60,
      milliseconds / 1000 % 60, isSubRip ? "," : ".", milliseconds % 1000)
  }

  /// No video is longer than a century; a file that says so may be read.
  private static func bounded(_ seconds: Double) -> Double { min(max(0, seconds), 3.2e9) }

  /// `1:02`, `1:02:03`.
  package static func short(_ seconds: Double) -> String {
    let whole = Int(bounded: bounded(seconds))
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, whole % 60)
      : String(format: "%d:%02d", minutes, whole % 60)
  }
}
