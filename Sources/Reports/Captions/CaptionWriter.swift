import Files
import Foundation
import Models
import Narration

/// How captions are printed.
package enum CaptionFormat: String, CaseIterable, Sendable {
  /// One line a caption: the path, a tab, the caption.
  case text
  /// One array of objects.
  case json
  /// One object a line.
  case jsonl
  /// RFC 4180, with a header; one record a caption.
  case csv
  /// WebVTT: a cue for each stretch of one video.
  case vtt
  /// SubRip, likewise.
  case srt

  /// Whether it has nothing but times and captions.
  package var isSubtitles: Bool { self == .vtt || self == .srt }
}

/// Makes the bytes of a format, one result at a time, so that each can be printed as it comes.
package struct CaptionWriter {
  package let format: CaptionFormat
  /// Whether the text format has the path before each caption.
  package let showsPaths: Bool
  /// Whether a video's stretches are told apart.
  package let showsTimes: Bool
  private var isFirst = true

  package init(_ format: CaptionFormat, showsPaths: Bool, showsTimes: Bool = false) {
    self.format = format
    self.showsPaths = showsPaths
    self.showsTimes = showsTimes
  }

  /// What stands before the first result.
  package var header: [UInt8] {
    switch format {
    case .text, .jsonl, .srt: []
    case .vtt: Array("WEBVTT\n".utf8)
    case .json: Array("[".utf8)
    case .csv: Self.record(Self.columns.map { Array($0.utf8) })
    }
  }

  /// What stands after the last result, were there any or not.
  package var footer: [UInt8] {
    format == .json ? Array((isFirst ? "]\n" : "\n]\n").utf8) : []
  }

  package mutating func entry(_ result: CaptionResult) -> [UInt8] {
    defer { isFirst = false }
    return switch format {
    case .text: text(result)
    case .json: Array(((isFirst ? "\n" : ",\n") + result.json(timed: showsTimes).text).utf8)
    case .jsonl: Array((result.json(timed: showsTimes).text + "\n").utf8)
    case .csv: Self.records(result)
    case .vtt, .srt: cues(result)
    }
  }

  /// A failed input has no line here: it is reported on standard error.
  private func text(_ result: CaptionResult) -> [UInt8] {
    guard case .success(let described) = result.outcome else { return [] }
    let start = showsPaths ? result.path.bytes + Array("\t".utf8) : []
    guard showsTimes, !described.stretches.isEmpty else {
      return described.captions.flatMap { start + Array((Self.line($0) + "\n").utf8) }
    }
    return described.stretches.flatMap { stretch in
      let times = String(format: "%.3f\t%.3f\t", stretch.start, stretch.end)
      return stretch.captions.flatMap { start + Array((times + Self.line($0) + "\n").utf8) }
    }
  }

  /// A caption, and what an unsure one may be instead: `unsure: a man holding a sign; perhaps: web site, comic book`.
  private static func line(_ caption: Caption) -> String {
    guard caption.isUnsure else { return caption.text }
    let tags = caption.tags.map(\.text).joined(separator: ", ")
    return "unsure: " + caption.text + (tags.isEmpty ? "" : "; perhaps: " + tags)
  }

  /// The best caption of each stretch.
  private func cues(_ result: CaptionResult) -> [UInt8] {
    guard case .success(let described) = result.outcome else { return [] }
    let cues = described.stretches.enumerated().map { index, stretch in
      let times =
        Timecode.cue(stretch.start, stretch.end, isSubRip: format == .srt)
        + "\n\(stretch.captions[0].isUnsure ? "perhaps " : "")\(stretch.captions[0].text)\n"
      return format == .vtt ? "\n" + times : (index == 0 ? "" : "\n") + "\(index + 1)\n" + times
    }
    return Array(cues.joined().utf8)
  }

  // MARK: CSV

  private static let columns = [
    "path", "status", "rank", "caption", "confidence", "log_probability", "width", "height", "milliseconds",
    "model", "error_kind", "error_message", "start", "end", "unsure", "tags",
  ]

  private static func records(_ result: CaptionResult) -> [UInt8] {
    let path = result.path.bytes
    switch result.outcome {
    case .failure(let failure):
      let blanks = [String](repeating: "", count: columns.count - 8)
      let rest = [String](repeating: "", count: 4)
      return record(
        [path]
          + (["error"] + blanks + [failure.kind.rawValue, failure.message] + rest).map { Array($0.utf8) })
    case .success(let described):
      let stretches =
        described.stretches.isEmpty
        ? [(captions: described.captions, times: ["", ""])]
        : described.stretches.map { stretch in
          (
            captions: stretch.captions,
            times: [stretch.start, stretch.end].map { JSON.rounded($0, places: 3).text }
          )
        }
      return stretches.flatMap { stretch in
        stretch.captions.enumerated().flatMap { index, caption in
          let fields =
            [
              "ok", String(index + 1), caption.text, JSON.rounded(caption.confidence, places: 4).text,
              JSON.rounded(caption.logProbability, places: 4).text, String(described.width),
              String(described.height),
              JSON.rounded(described.milliseconds, places: 1).text, described.model, "", "",
            ] + stretch.times + [String(caption.isUnsure), caption.tags.map(\.text).joined(separator: "; ")]
          return record([path] + fields.map { Array($0.utf8) })
        }
      }
    }
  }

  /// Fields with commas, quotes or line ends stand in quotes, quotes doubled; a record ends with CR LF.
  private static func record(_ fields: [[UInt8]]) -> [UInt8] {
    let quote = UInt8(ascii: "\"")
    let special: Set<UInt8> = [quote, UInt8(ascii: ","), UInt8(ascii: "\r"), UInt8(ascii: "\n")]
    let written = fields.map { field in
      guard field.contains(where: special.contains) else { return field }
      return [quote] + field.flatMap { $0 == quote ? [quote, quote] : [$0] } + [quote]
    }
    return Array(written.joined(separator: [UInt8(ascii: ",")])) + Array("\r\n".utf8)
  }
}
