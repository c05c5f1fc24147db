import Algorithms
import Compute
import Files
import Foundation
import Narration
import Reports

/// The loop of `narrate translate`: lines are translated by several workers, and printed in order as they come.
struct TranslationJob {
  /// Lines that one worker translates at once.
  static let batch = 4

  private let engines: [TranslationEngine]
  private let output: ResultOutput
  private let console: Console
  private var hasFailed = false

  init(engines: [TranslationEngine], output: ResultOutput, console: Console) {
    (self.engines, self.output, self.console) = (engines, output, console)
  }

  /// Translates one text, whatever line ends it has.
  mutating func translate(_ text: String) throws {
    try write(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
  }

  /// Translates the lines of a file. What is no text leaves an empty line.
  mutating func translate(linesOf path: GivenPath) throws {
    let bytes: [UInt8]
    do {
      bytes = try Spools().reading(path) { try OpenFile(regular: $0).bytes(atMost: Self.mostBytes) }
    } catch let failure as InputFailure {
      hasFailed = true
      return console.report(path, failure)
    } catch let error as FileError {
      hasFailed = true
      return console.report(path, .unreadable(error.code))
    }
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    var texts: [String] = []
    for (number, line) in lines.enumerated() {
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      if let text = String(validating: line, as: UTF8.self) {
        texts.append(text)
      } else {
        hasFailed = true
        console.report("\(path.text): line \(number + 1): not UTF-8, left empty")
        texts.append("")
      }
    }
    try write(texts)
  }

  /// The most bytes of texts that are translated at once.
  private static let mostBytes = 256 << 20

  private func write(_ texts: [String]) throws {
    do {
      try parallelStream(
        texts.chunks(ofCount: Self.batch).map(Array.init), by: engines, check: { try Interruption.check() },
        work: { engine, texts in engine.translations(of: texts) },
        receive: { _, translations in
          try Interruption.check()
          let lines = translations.map { $0 + "\n" }.joined()
          try console.withoutBar { () throws(FileError) in try output.write(Array(lines.utf8)) }
        })
    } catch let error as FileError where error.isReaderGone {
      // Who reads has enough.
      throw RunStatus.success
    }
  }

  func finish() throws -> RunStatus {
    try output.commit()
    return hasFailed ? .someInputsFailed : .success
  }
}
