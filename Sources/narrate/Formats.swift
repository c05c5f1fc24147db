import ArgumentParser
import Narration

/// How captions are printed.
package enum CaptionFormat: String, CaseIterable, ExpressibleByArgument {
  /// One line a caption: the path, a tab, the caption.
  case text
  /// One array of objects.
  case json
  /// One object a line.
  case jsonl
  /// RFC 4180, with a header; one record a caption.
  case csv
}

/// Makes the bytes of a format, one result at a time, so that each can be printed as it comes.
package struct CaptionWriter {
  package let format: CaptionFormat
  /// Whether the text format has the path before each caption.
  package let showsPaths: Bool
  private var isFirst = true

  package init(_ format: CaptionFormat, showsPaths: Bool) {
    self.format = format
    self.showsPaths = showsPaths
  }

  /// What stands before the first result.
  package var header: [UInt8] {
    switch format {
    case .text, .jsonl: []
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
    case .json: Array(((isFirst ? "\n" : ",\n") + result.json.text).utf8)
    case .jsonl: Array((result.json.text + "\n").utf8)
    case .csv: Self.records(result)
    }
  }

  /// A failed input has no line here: it is reported on standard error.
  private func text(_ result: CaptionResult) -> [UInt8] {
    guard case .success(let described) = result.outcome else { return [] }
    let start = showsPaths ? result.path.bytes + Array("\t".utf8) : []
    return described.captions.flatMap { start + Array(($0.text + "\n").utf8) }
  }

  // MARK: CSV

  private static let columns = [
    "path", "status", "rank", "caption", "confidence", "log_probability", "width", "height", "milliseconds",
    "model",
    "error_kind", "error_message",
  ]

  private static func records(_ result: CaptionResult) -> [UInt8] {
    let path = result.path.bytes
    switch result.outcome {
    case .failure(let failure):
      let blanks = [String](repeating: "", count: columns.count - 4)
      return record([path] + (["error"] + blanks + [failure.kind, failure.message]).map { Array($0.utf8) })
    case .success(let described):
      return described.captions.enumerated().flatMap { index, caption in
        let fields = [
          "ok", String(index + 1), caption.text, JSON.rounded(caption.confidence, places: 4).text,
          JSON.rounded(caption.logProbability, places: 4).text, String(described.width),
          String(described.height),
          JSON.rounded(described.milliseconds, places: 1).text, described.model, "", "",
        ]
        return record([path] + fields.map { Array($0.utf8) })
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
