import Files
import Media
import Models
import Narration

extension SummaryReport {
  /// `summary.json`.
  package var json: JSON {
    let spoken = self.spoken(summary.chapters.map { ($0.start, $0.end) })
    return .object(
      [("path", .string(path)), ("duration", .rounded(summary.duration, places: 3))] + summary.timing.fields
        + [
          ("importance", .array(summary.importance.map(json))),
          ("shots", .array(summary.shots.map(json))),
          ("chapters", .array(zip(summary.chapters, spoken).map(json))),
        ] + highlights + (exports.isEmpty ? [] : [("exports", .array(exports.map { .string($0) }))]) + [
          ("damaged_frames", .integer(summary.damagedFrames)), ("model", .string(model)),
        ] + (summary.language == .english ? [] : [("language", .string(summary.language.rawValue))]))
  }

  private var highlights: [(key: String, value: JSON)] {
    guard let length else { return [] }
    let parts = summary.highlights(length: length).map { part in
      JSON.object([("start", .rounded(part.start, places: 3)), ("end", .rounded(part.end, places: 3))])
    }
    return [("highlights", .array(parts))]
  }

  private func json(_ second: Summary.Importance) -> JSON {
    .object([("time", .rounded(second.time, places: 3)), ("score", .rounded(second.score, places: 4))])
  }

  private func json(_ chapter: Summary.Chapter, _ spoken: String) -> JSON {
    .object(
      [
        ("start", .rounded(chapter.start, places: 3)), ("end", .rounded(chapter.end, places: 3)),
        ("title", .string(chapter.translation ?? chapter.title)),
        ("confidence", .rounded(chapter.confidence, places: 4)),
        ("first_shot", .integer(chapter.shots.lowerBound)), ("shots", .integer(chapter.shots.count)),
      ] + Self.english(chapter.title, chapter.translation)
        + (transcript == nil ? [] : [("spoken", .string(spoken))]))
  }

  /// What was translated, beside its translation.
  private static func english(_ text: String, _ translation: String?) -> [(key: String, value: JSON)] {
    translation == nil ? [] : [("english", .string(text))]
  }

  private func json(_ shot: Summary.Shot) -> JSON {
    var fields: [(key: String, value: JSON)] = [
      ("start", .rounded(shot.start, places: 3)), ("end", .rounded(shot.end, places: 3)),
      ("start_frame", .integer(shot.frames.lowerBound)), ("end_frame", .integer(shot.frames.upperBound)),
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

extension FrameTiming {
  /// By what the frames come, in JSON: their rate, null where it varies, and the first one's timecode.
  package var fields: [(key: String, value: JSON)] {
    [
      ("frame_rate", rate.map { .string("\($0)") } ?? .null),
      ("timecode", timecode.map { .string($0) } ?? .null),
    ]
  }
}
