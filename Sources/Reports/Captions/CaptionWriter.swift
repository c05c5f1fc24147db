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
  /// Whether the text format's lines end with a NUL, and paths stand as they are, whatever is in them.
  package let isNullTerminated: Bool
  /// What a video's times begin with.
  private let origin: TimeOrigin
  private var isFirst = true

  /// - Parameter origin: nil is the first frame for subtitles, which players show by it, and the file's own times elsewhere.
  package init(
    _ format: CaptionFormat, showsPaths: Bool, showsTimes: Bool = false, isNullTerminated: Bool = false,
    origin: TimeOrigin? = nil
  ) {
    (self.format, self.showsPaths, self.showsTimes) = (format, showsPaths, showsTimes)
    self.isNullTerminated = isNullTerminated
    self.origin = origin ?? (format.isSubtitles ? .zero : .file)
  }

  /// What stands before the first result.
  package var header: [UInt8] {
    switch format {
    case .text, .jsonl, .srt: []
    case .vtt: Array("WEBVTT\n".utf8)
    case .json: Array("[".utf8)
    case .csv: CaptionRecords.header
    }
  }

  /// What stands after the last result, were there any or not.
  package var footer: [UInt8] {
    format == .json ? Array((isFirst ? "]\n" : "\n]\n").utf8) : []
  }

  package mutating func entry(_ result: CaptionResult) -> [UInt8] {
    defer { isFirst = false }
    let result = origin == .zero ? result.fromZero : result
    return switch format {
    case .text: text(result)
    case .json: Array(((isFirst ? "\n" : ",\n") + result.json(timed: showsTimes).text).utf8)
    case .jsonl: Array((result.json(timed: showsTimes).text + "\n").utf8)
    case .csv: CaptionRecords.records(result)
    case .vtt, .srt: cues(result)
    }
  }

  /// A failed input has no line here: it is reported on standard error.
  private func text(_ result: CaptionResult) -> [UInt8] {
    guard case .success(let described) = result.outcome else { return [] }
    let name = isNullTerminated ? result.path.bytes : String.escapingControls(result.path.bytes)
    let start = showsPaths ? name + Array("\t".utf8) : []
    let end = isNullTerminated ? "\0" : "\n"
    guard showsTimes, !described.stretches.isEmpty else {
      return described.captions.flatMap { start + Array((Self.line($0) + end).utf8) }
    }
    return described.stretches.flatMap { stretch in
      let times = String(format: "%.3f\t%.3f\t", stretch.start, stretch.end)
      return stretch.captions.flatMap { start + Array((times + Self.line($0) + end).utf8) }
    }
  }

  /// A caption, and what an unsure one may be instead: `unsure: a man holding a sign; perhaps: web site, comic book`.
  private static func line(_ caption: Caption) -> String {
    let line =
      caption.isUnsure
      ? caption.language.unsure(caption.told, perhaps: caption.tags.map(\.text)) : caption.told
    return line.escapingControls
  }

  private func said(_ caption: Caption) -> String {
    (caption.isUnsure ? caption.language.perhaps : "") + caption.told
  }

  /// The best caption of each stretch.
  private func cues(_ result: CaptionResult) -> [UInt8] {
    guard case .success(let described) = result.outcome else { return [] }
    let shift = Timecode.shift(.file, start: described.stretches.first?.start ?? 0)
    let cues = described.stretches.enumerated().map { index, stretch in
      let times =
        Timecode.cue(stretch.start - shift, stretch.end - shift, isSubRip: format == .srt)
        + "\n\(said(stretch.captions[0]))\n"
      return format == .vtt ? "\n" + times : (index == 0 ? "" : "\n") + "\(index + 1)\n" + times
    }
    return Array(cues.joined().utf8)
  }
}
