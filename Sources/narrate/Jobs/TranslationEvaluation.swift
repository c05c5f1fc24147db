import Datasets
import Files
import Foundation
import Language
import Reports

/// Translations held against others, a line each.
struct TranslationEvaluation {
  private let sentences: Int
  private let bleu: TranslationBLEU
  private let chrF: TranslationChrF

  /// - Parameters: the files
  /// - Throws: `DataError` where they are no texts of as many lines.
  init(_ references: String, _ candidates: String) throws {
    let (theirs, ours) = (try Self.lines(references), try Self.lines(candidates))
    guard ours.count == theirs.count, !ours.isEmpty else {
      throw DataError(
        .damaged, path: candidates,
        reason: "\(ours.count) lines, and \(theirs.count) in \(references); as many are needed, at least one")
    }
    sentences = ours.count
    bleu = TranslationBLEU(ours, references: theirs)
    chrF = TranslationChrF(ours, references: theirs)
  }

  private static func lines(_ path: String) throws -> [String] {
    let bytes = try DataFile.bytes(path, longestLine: DataFile.longestLine)
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return try lines.enumerated().map { number, line in
      guard
        let text = String(validating: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
      else { throw DataError(.damaged, path: path, location: "line \(number + 1)", reason: "not UTF-8") }
      return text
    }
  }

  func show(_ format: InfoFormat) throws -> RunStatus {
    let text: String
    switch format {
    case .text:
      text = String(format: "%d sentences\nBLEU  %6.2f\nchrF  %6.2f\n", sentences, bleu.score, chrF.score)
    case .json:
      let object = JSON.object([
        ("sentences", .integer(sentences)), ("bleu", .rounded(bleu.score, places: 6)),
        ("chrf", .rounded(chrF.score, places: 6)),
      ])
      text = object.text + "\n"
    }
    try ResultOutput(path: nil).write(Array(text.utf8))
    return .success
  }
}
