import Files
import Models
import Narration

extension SummaryReport {
  /// `summary.json`.
  package var json: JSON {
    .object(
      [
        ("path", .string(path)), ("duration", .rounded(summary.duration, places: 3)),
        ("shots", .array(summary.shots.map(json))),
        (
          "chapters",
          .array(
            summary.chapters.map {
              .object(
                [
                  ("start", .rounded($0.start, places: 3)), ("end", .rounded($0.end, places: 3)),
                  ("title", .string($0.translation ?? $0.title)),
                  ("confidence", .rounded($0.confidence, places: 4)),
                  ("first_shot", .integer($0.shots.lowerBound)),
                  ("shots", .integer($0.shots.count)),
                ] + Self.english($0.title, $0.translation))
            })
        ),
        ("damaged_frames", .integer(summary.damagedFrames)), ("model", .string(model)),
      ] + (summary.language == .english ? [] : [("language", .string(summary.language.rawValue))]))
  }

  /// What was translated, beside its translation.
  private static func english(_ text: String, _ translation: String?) -> [(key: String, value: JSON)] {
    translation == nil ? [] : [("english", .string(text))]
  }

  private func json(_ shot: Summary.Shot) -> JSON {
    var fields: [(key: String, value: JSON)] = [
      ("start", .rounded(shot.start, places: 3)), ("end", .rounded(shot.end, places: 3)),
      ("transition", .string(shot.transition.rawValue)),
      ("caption", .string(shot.translation ?? shot.caption)),
      ("confidence", .rounded(shot.confidence, places: 4)), ("sure", .boolean(shot.confidence >= sure)),
      (
        "keyframes",
        .array(
          shot.keyFrames.map { frame in
            .object(
              [
                ("time", .rounded(frame.time, places: 3)), ("file", .string(files[frame.picture] ?? "")),
                ("caption", .string(frame.translation ?? frame.caption)),
                ("confidence", .rounded(frame.confidence, places: 4)),
                ("score", .rounded(frame.score, places: 4)),
              ] + Self.english(frame.caption, frame.translation))
          })
      ),
    ]
    fields += Self.english(shot.caption, shot.translation)
    if let repeats = shot.repeats { fields.append(("repeats", .integer(repeats))) }
    return .object(fields)
  }
}
