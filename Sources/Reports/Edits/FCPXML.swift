import Files
import Media
import Narration

/// Final Cut Pro's XML, version 1.9, which DaVinci Resolve reads too: a project whose storyline has a clip a shot, its caption as a note
/// and a marker, chapters as chapter markers. Times are fractions of seconds. (Apple, FCPXML Reference and its DTD.)
enum FCPXML {
  static func text(_ list: EditList) -> String {
    Element(
      "fcpxml", ["version": "1.9"],
      [
        resources(list),
        Element("library", [:], [Element("event", ["name": list.media.name], [project(list)])]),
      ]
    ).document(type: "fcpxml")
  }

  private static func resources(_ list: EditList) -> Element {
    let (media, timing) = (list.media, list.timing)
    let size = ["width": "\(media.width)", "height": "\(media.height)"]
    func format(_ id: String, _ rate: FrameRate?) -> Element {
      Element(
        "format",
        [
          "id": id, "frameDuration": rate.map { time(1, $0) }, "width": size["width"],
          "height": size["height"],
        ])
    }
    let sound = timing.sound
    let asset = Element(
      "asset",
      [
        "id": "r3", "name": media.name, "start": time(list.source.frames, timing.counted),
        "duration": span(timing.ticks(at: timing.end), timing.tick), "hasVideo": "1", "format": "r2",
        "videoSources": "1", "hasAudio": sound.map { _ in "1" }, "audioSources": sound.map { _ in "1" },
        "audioChannels": sound.map { "\($0.channels)" }, "audioRate": sound.map { "\($0.rate)" },
      ], [Element("media-rep", ["kind": "original-media", "src": media.address])])
    // A format without a frame's length is one of a rate that varies.
    return Element("resources", [:], [format("r1", timing.counted), format("r2", timing.rate), asset])
  }

  private static func project(_ list: EditList) -> Element {
    let rate = list.timing.counted
    let sequence = Element(
      "sequence",
      [
        "format": "r1", "duration": time(list.length, rate), "tcStart": time(list.record.frames, rate),
        "tcFormat": list.record.dropsFrames ? "DF" : "NDF",
      ], [Element("spine", [:], clips(list))])
    return Element("project", ["name": list.media.name], [sequence])
  }

  private static func clips(_ list: EditList) -> [Element] {
    let rate = list.timing.counted
    let chapters = Dictionary(
      list.chapters.map { (list.timing.frame(at: $0.start), $0.title) },
      uniquingKeysWith: { first, _ in first })
    return list.spans.enumerated().map { index, span in
      let start = self.start(of: span, list)
      let (first, name) = (span.frames.lowerBound, EditList.name(span.shot, index))
      let note = [name, span.shot.spoken].filter { !$0.isEmpty }.joined(separator: "\n")
      var content = [
        Element("note", text: note),
        Element("marker", ["start": start, "duration": time(1, rate), "value": name]),
      ]
      if let title = chapters[first] {
        content.append(
          Element("chapter-marker", ["start": start, "duration": time(1, rate), "value": title]))
      }
      return Element(
        "asset-clip",
        [
          "ref": "r3", "offset": time(list.record.frames + first, rate), "name": list.media.name,
          "start": start, "duration": time(span.frames.count, rate), "format": "r2",
          "tcFormat": list.source.dropsFrames ? "DF" : "NDF",
        ], content)
    }
  }

  /// When a clip begins in its source, which is told by the file's own clock where the timeline's frames are not its own.
  private static func start(of span: (shot: EditList.Shot, frames: Range<Int>), _ list: EditList) -> String {
    let timing = list.timing
    guard !timing.isExact else {
      return time(list.source.frames + span.frames.lowerBound, timing.counted)
    }
    let origin = Int(bounded: (timing.counted.seconds(list.source.frames) / timing.tick.value).rounded())
    return self.span(origin + timing.ticks(at: span.shot.start), timing.tick)
  }

  /// So many frames.
  private static func time(_ frames: Int, _ rate: FrameRate) -> String {
    seconds(frames, rate.fraction.denominator, rate.fraction.numerator)
  }

  /// So many ticks.
  private static func span(_ ticks: Int, _ tick: Fraction) -> String {
    seconds(ticks, tick.numerator, tick.denominator)
  }

  /// `1001/30000s`, `5s`: a count of pieces of a second, in lowest terms as far as the pieces go.
  private static func seconds(_ count: Int, _ numerator: Int, _ denominator: Int) -> String {
    let product = count.multipliedReportingOverflow(by: numerator)
    guard !product.overflow else { return "0s" }
    return product.partialValue.isMultiple(of: denominator)
      ? "\(product.partialValue / denominator)s" : "\(product.partialValue)/\(denominator)s"
  }
}
