import Files
import Media
import Narration

/// OpenTimelineIO's own format: a timeline with a clip a shot, and its caption as a marker. Where the file's frames come as they like, its
/// times are in the ticks of its clock, and exact.
enum OpenTimeline {
  static func text(_ list: EditList) -> String {
    let clips = list.shots.enumerated().map { clip($1, $0, list) }
    let kinds = ["Video"] + (list.timing.sound == nil ? [] : ["Audio"])
    let tracks = kinds.map { kind in
      object("Track.1", kind, [("kind", .string(kind)), ("children", .array(clips))])
    }
    let stack = object("Stack.1", "tracks", [("children", .array(tracks))])
    return object(
      "Timeline.1", list.media.name,
      [
        ("global_start_time", time(list.record.frames, list.timing.counted.fraction.value)),
        ("tracks", stack),
      ]
    ).text + "\n"
  }

  private static func object(_ schema: String, _ name: String, _ fields: [(key: String, value: JSON)]) -> JSON
  {
    .object([("OTIO_SCHEMA", .string(schema)), ("name", .string(name))] + fields)
  }

  private static func clip(_ shot: EditList.Shot, _ index: Int, _ list: EditList) -> JSON {
    let range = range(shot.start, shot.end, list)
    let media = object(
      "ExternalReference.1", list.media.name,
      [
        ("target_url", .string(list.media.address)),
        ("available_range", self.range(list.timing.start, list.timing.end, list)),
      ])
    let marker = object(
      "Marker.2", EditList.name(shot, index),
      [("color", .string("CYAN")), ("comment", .string(shot.spoken)), ("marked_range", range)])
    let told: [(key: String, value: JSON)] = [
      ("shot", .integer(index + 1)), ("transition", .string(shot.kind.rawValue)),
      ("confidence", .rounded(shot.confidence, places: 4)),
      ("caption", shot.caption.map { .string($0) } ?? .null),
    ]
    return object(
      "Clip.2", EditList.name(shot, index),
      [
        ("source_range", range), ("media_references", .object([("DEFAULT_MEDIA", media)])),
        ("active_media_reference_key", .string("DEFAULT_MEDIA")), ("markers", .array([marker])),
        ("metadata", .object([("narrate", .object(told))])),
      ])
  }

  /// Of the file, by its timecode.
  private static func range(_ start: Double, _ end: Double, _ list: EditList) -> JSON {
    let timing = list.timing
    let (origin, rate, first, last): (Int, Double, Int, Int)
    if timing.isExact {
      (origin, rate) = (list.source.frames, timing.counted.fraction.value)
      (first, last) = (timing.frame(at: start), timing.frame(at: end))
    } else {
      rate = 1 / timing.tick.value
      origin = Int(bounded: (timing.counted.seconds(list.source.frames) * rate).rounded())
      (first, last) = (timing.ticks(at: start), timing.ticks(at: end))
    }
    return .object([
      ("OTIO_SCHEMA", .string("TimeRange.1")), ("start_time", time(origin + first, rate)),
      ("duration", time(last - first, rate)),
    ])
  }

  private static func time(_ value: Int, _ rate: Double) -> JSON {
    .object([
      ("OTIO_SCHEMA", .string("RationalTime.1")), ("rate", .number(rate)), ("value", .integer(value)),
    ])
  }
}
