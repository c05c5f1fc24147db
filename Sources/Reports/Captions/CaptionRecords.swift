import Files
import Models
import Narration

/// The records of the `csv` format (RFC 4180), which are harmless to terminals and spreadsheets alike.
enum CaptionRecords {
  private static let columns = [
    "path", "status", "rank", "caption", "confidence", "log_probability", "width", "height", "milliseconds",
    "model", "error_kind", "error_message", "start", "end", "unsure", "tags",
  ]

  static var header: [UInt8] { CommaSeparated.record(columns) }

  /// One record a caption, or one for a failure.
  static func records(_ result: CaptionResult) -> [UInt8] {
    let path = CommaSeparated.text(result.path.bytes)
    switch result.outcome {
    case .failure(let failure):
      let blanks = [[UInt8]](repeating: [], count: columns.count - 8)
      let rest = [[UInt8]](repeating: [], count: 4)
      return CommaSeparated.record(
        [path, Array("error".utf8)] + blanks
          + [Array(failure.kind.rawValue.utf8), CommaSeparated.text(Array(failure.message.utf8))] + rest)
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
              "ok", String(index + 1), CommaSeparated.text(caption.told),
              JSON.rounded(caption.confidence, places: 4).text,
              JSON.rounded(caption.logProbability, places: 4).text, String(described.width),
              String(described.height),
              JSON.rounded(described.milliseconds, places: 1).text, CommaSeparated.text(described.model), "",
              "",
            ] + stretch.times + [
              String(caption.isUnsure), CommaSeparated.text(caption.tags.map(\.text).joined(separator: "; ")),
            ]
          return CommaSeparated.record([path] + fields.map { Array($0.utf8) })
        }
      }
    }
  }
}
