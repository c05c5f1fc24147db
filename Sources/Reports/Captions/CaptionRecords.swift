import Files
import Models
import Narration

/// The records of the `csv` format (RFC 4180), which are harmless to terminals and spreadsheets alike.
enum CaptionRecords {
  private static let columns = [
    "path", "status", "rank", "caption", "confidence", "log_probability", "width", "height", "milliseconds",
    "model", "error_kind", "error_message", "start", "end", "unsure", "tags",
  ]

  static var header: [UInt8] { record(columns.map { Array($0.utf8) }) }

  /// One record a caption, or one for a failure.
  static func records(_ result: CaptionResult) -> [UInt8] {
    let path = text(result.path.bytes)
    switch result.outcome {
    case .failure(let failure):
      let blanks = [[UInt8]](repeating: [], count: columns.count - 8)
      let rest = [[UInt8]](repeating: [], count: 4)
      return record(
        [path, Array("error".utf8)] + blanks
          + [Array(failure.kind.rawValue.utf8), text(Array(failure.message.utf8))] + rest)
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
              "ok", String(index + 1), text(caption.text), JSON.rounded(caption.confidence, places: 4).text,
              JSON.rounded(caption.logProbability, places: 4).text, String(described.width),
              String(described.height),
              JSON.rounded(described.milliseconds, places: 1).text, text(described.model), "", "",
            ] + stretch.times + [
              String(caption.isUnsure), text(caption.tags.map(\.text).joined(separator: "; ")),
            ]
          return record([path] + fields.map { Array($0.utf8) })
        }
      }
    }
  }

  private static func text(_ text: String) -> String {
    String(decoding: self.text(Array(text.utf8)), as: UTF8.self)
  }

  /// A field that is somebody's text: control characters are escaped, and an apostrophe stands before what a spreadsheet would take
  /// for a formula (OWASP, CSV Injection).
  private static func text(_ bytes: [UInt8]) -> [UInt8] {
    // The last four are wide forms, which some spreadsheets take for the others.
    let formula = ["=", "+", "-", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}"]
    let shown = String.escapingControls(bytes)
    return (formula.contains { shown.starts(with: $0.utf8) } ? [UInt8(ascii: "'")] : []) + shown
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
