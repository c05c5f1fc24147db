import Files
import Foundation
import Narration

/// The `csv` export: a record a shot. Frames are the file's own, counted from 0, its end not within; seconds are its presentation
/// times.
enum ShotRecords {
  static func text(_ list: EditList) -> String {
    let hasWords = list.shots.contains { !$0.spoken.isEmpty }
    let columns = [
      "number", "start_frame", "end_frame", "start", "end", "start_timecode", "end_timecode", "length",
      "kind",
      "confidence", "caption",
    ]
    let records = list.shots.enumerated().map { index, shot in
      let timecodes = [shot.start, shot.end].map { (list.source + list.timing.frame(at: $0)).description }
      let seconds = [shot.start, shot.end, shot.end - shot.start].map { JSON.rounded($0, places: 3).text }
      return [
        "\(index + 1)", "\(shot.frames.lowerBound)", "\(shot.frames.upperBound)", seconds[0], seconds[1],
      ] + timecodes + [
        seconds[2], shot.kind.rawValue, JSON.rounded(shot.confidence, places: 4).text,
        CommaSeparated.text(shot.caption ?? ""),
      ] + (hasWords ? [CommaSeparated.text(shot.spoken)] : [])
    }
    let all = [columns + (hasWords ? ["spoken"] : [])] + records
    return String(decoding: all.flatMap { CommaSeparated.record($0) }, as: UTF8.self)
  }
}
