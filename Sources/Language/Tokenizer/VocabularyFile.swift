import Foundation

/// A text file that cannot be used.
package struct LanguageError: Error, CustomStringConvertible, Equatable {
  package let path: String
  package let reason: String
  /// - Parameter reason: what a file may have in it; the beginning is kept
  package init(path: String, reason: String) { (self.path, self.reason) = (path, String(reason.prefix(500))) }
  package var description: String { "\(path): \(reason)" }
}

extension Vocabulary {
  /// Reads `vocabulary.txt`: one word a line, UTF-8, the specials first.
  /// - Parameter path: for messages.
  package init(
    decoding bytes: some Sequence<UInt8>, path: String, expectedCount: Int
  ) throws(LanguageError) {
    func problem(_ reason: String) -> LanguageError { LanguageError(path: path, reason: reason) }
    guard let text = String(validating: Array(bytes), as: UTF8.self) else { throw problem("not valid UTF-8") }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    guard lines.count == expectedCount else {
      throw problem("\(lines.count) words, the configuration says \(expectedCount)")
    }
    guard lines.starts(with: Self.specials) else {
      throw problem("the first lines must be \(Self.specials.joined(separator: " "))")
    }
    var indices: [String: Int32] = [:]
    indices.reserveCapacity(lines.count)
    for (number, line) in lines.enumerated() {
      // A loop over bytes, since most words are plain and many.
      let isPlain = line.utf8.allSatisfy { $0 > 0x20 && $0 < 0x80 }
      if line.isEmpty || !isPlain && line.contains(where: \.isWhitespace) {
        throw problem("line \(number + 1) is not a word")
      }
      if let first = indices.updateValue(Int32(number), forKey: line) {
        throw problem("line \(number + 1) repeats line \(first + 1), \(line)")
      }
    }
    self.init(words: lines, indices: indices)
  }

  /// The bytes of `vocabulary.txt`.
  package var encoded: Data { Data((words.joined(separator: "\n") + "\n").utf8) }
}
