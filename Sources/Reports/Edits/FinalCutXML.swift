import Media
import Narration

/// Final Cut Pro 7's XML, version 5, which Premiere reads: a sequence with a clip a shot, its sound beside it, and a marker with its
/// caption. Times are frames. (Apple, Final Cut Pro XML Interchange Format.)
enum FinalCutXML {
  static func text(_ list: EditList) -> String {
    let rate = list.timing.counted
    let spans = list.spans
    let markers = spans.enumerated().map { index, span in
      Element(
        "marker", [:],
        [
          Element("name", text: EditList.name(span.shot, index)), Element("comment", text: span.shot.spoken),
          Element("in", text: span.frames.lowerBound), Element("out", text: -1),
        ])
    }
    let sequence = Element(
      "sequence", ["id": "sequence-1"],
      [
        Element("name", text: list.media.name), Element("duration", text: list.length), self.rate(rate),
        timecode(list.record), media(list, spans.map(\.frames)),
      ] + markers)
    return Element("xmeml", ["version": "5"], [sequence]).document(type: "xmeml")
  }

  /// 29.97 is thirty, told apart.
  private static func rate(_ rate: FrameRate) -> Element {
    Element(
      "rate", [:],
      [
        Element("timebase", text: rate.nominal),
        Element("ntsc", text: rate.fraction.denominator == 1001 ? "TRUE" : "FALSE"),
      ])
  }

  private static func timecode(_ start: SMPTETimecode) -> Element {
    Element(
      "timecode", [:],
      [
        rate(start.rate), Element("string", text: start), Element("frame", text: start.frames),
        Element("displayformat", text: start.dropsFrames ? "DF" : "NDF"),
      ])
  }

  private static func media(_ list: EditList, _ spans: [Range<Int>]) -> Element {
    let format = Element(
      "format", [:], [Element("samplecharacteristics", [:], [rate(list.timing.counted)] + size(list.media))])
    let video = Element("video", [:], [format, track(list, spans, .picture)])
    let channels = min(2, list.timing.sound?.channels ?? 0)
    guard channels > 0 else { return Element("media", [:], [video]) }
    let tracks = (1...channels).map { track(list, spans, .sound($0)) }
    return Element("media", [:], [video, Element("audio", [:], tracks)])
  }

  private static func size(_ media: EditList.Media) -> [Element] {
    [
      Element("width", text: media.width), Element("height", text: media.height),
      Element("pixelaspectratio", text: "square"),
    ]
  }

  /// What a track has of the file.
  private enum Part: Equatable {
    case picture
    /// Channels count from 1.
    case sound(Int)

    /// The name of a clip on it.
    func clip(_ index: Int) -> String {
      switch self {
      case .picture: "video-\(index + 1)"
      case .sound(let channel): "audio-\(channel)-\(index + 1)"
      }
    }
  }

  private static func track(_ list: EditList, _ spans: [Range<Int>], _ part: Part) -> Element {
    let channels = min(2, list.timing.sound?.channels ?? 0)
    let parts = [Part.picture] + (0..<channels).map { .sound($0 + 1) }
    let clips = spans.enumerated().map { index, frames in
      var content = [
        Element("name", text: list.media.name), Element("enabled", text: "TRUE"),
        Element("duration", text: list.length), rate(list.timing.counted),
        Element("start", text: frames.lowerBound), Element("end", text: frames.upperBound),
        Element("in", text: frames.lowerBound), Element("out", text: frames.upperBound),
        // Told once, at the first clip of all.
        index == 0 && part == .picture ? file(list) : Element("file", ["id": "file-1"]),
      ]
      if case .sound(let channel) = part {
        content.append(
          Element(
            "sourcetrack", [:],
            [Element("mediatype", text: "audio"), Element("trackindex", text: channel)]))
      }
      // Clips that move together.
      if parts.count > 1 { content += parts.map { link($0, index) } }
      return Element("clipitem", ["id": part.clip(index)], content)
    }
    return Element("track", [:], clips)
  }

  private static func link(_ part: Part, _ index: Int) -> Element {
    let (kind, track) = if case .sound(let channel) = part { ("audio", channel) } else { ("video", 1) }
    return Element(
      "link", [:],
      [
        Element("linkclipref", text: part.clip(index)), Element("mediatype", text: kind),
        Element("trackindex", text: track), Element("clipindex", text: index + 1),
      ])
  }

  private static func file(_ list: EditList) -> Element {
    let sound = list.timing.sound.map { sound in
      Element(
        "audio", [:],
        [
          Element("samplecharacteristics", [:], [Element("samplerate", text: sound.rate)]),
          Element("channelcount", text: sound.channels),
        ])
    }
    let picture = Element(
      "video", [:], [Element("samplecharacteristics", [:], [rate(list.timing.counted)] + size(list.media))])
    return Element(
      "file", ["id": "file-1"],
      [
        Element("name", text: list.media.name), Element("pathurl", text: list.media.address),
        rate(list.timing.counted), Element("duration", text: list.length), timecode(list.source),
        Element("media", [:], [picture] + (sound.map { [$0] } ?? [])),
      ])
  }
}
