import Foundation

/// The pieces that public checkpoints write words in (WordPiece, Schuster and Nakajima 2012, as in BERT): a piece that begins with ##
/// goes on with the word before it.
package struct WordPieces: Sendable, Equatable {
  /// By index.
  package let pieces: [String]
  /// Those that are no text: markers such as [SEP].
  private let unwritten: Set<Int32>

  /// - Parameter unwritten: indices of markers
  package init(_ pieces: [String], unwritten: [Int32]) {
    (self.pieces, self.unwritten) = (pieces, Set(unwritten))
  }

  /// A word, and the places of its pieces.
  package struct Word: Equatable {
    package var text: String
    package var places: [Int]

    package init(text: String, places: [Int]) { (self.text, self.places) = (text, places) }
  }

  /// The words of a sentence of pieces. What people write without a space stands without one: a comma belongs to the word before it, an
  /// apostrophe to both of its neighbours.
  package func words(_ sentence: [Int32]) -> [Word] {
    var words: [Word] = []
    var goesOn = false
    for (place, index) in sentence.enumerated() where !unwritten.contains(index) {
      let piece = pieces[Int(index)]
      let isRest = piece.hasPrefix("##") && piece.utf8.count > 2
      let text = isRest ? String(piece.dropFirst(2)) : piece
      let joins = isRest || goesOn || [".", ",", "!", "?", "'"].contains(text)
      if joins, let last = words.indices.last {
        words[last].text += text
        words[last].places.append(place)
      } else {
        words.append(Word(text: text, places: [place]))
      }
      goesOn = text == "'" && words.count > 0 && words[words.count - 1].text.utf8.count > 1
    }
    return words
  }

  package func text(_ sentence: [Int32]) -> String {
    words(sentence).map(\.text).joined(separator: " ")
  }

  /// Reads one piece a line, UTF-8.
  /// - Parameter path: for messages.
  package init(
    decoding bytes: some Sequence<UInt8>, path: String, expectedCount: Int, unwritten: [Int32]
  ) throws(LanguageError) {
    let pieces = try Self.lines(bytes, path: path)
    guard pieces.count == expectedCount else {
      throw LanguageError(
        path: path, reason: "\(pieces.count) pieces of words, the configuration says \(expectedCount)")
    }
    self.init(pieces, unwritten: unwritten)
  }

  /// The lines of a file of pieces. What Unicode takes for the end of a line may be a piece: a line feed alone ends one.
  package static func lines(_ bytes: some Sequence<UInt8>, path: String) throws(LanguageError) -> [String] {
    guard let text = String(validating: Array(bytes), as: UTF8.self) else {
      throw LanguageError(path: path, reason: "not valid UTF-8")
    }
    var lines: [String] = []
    for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
      lines.append(String(Substring(line.last == 0x0D ? line.dropLast() : line)))
    }
    if lines.last == "" { lines.removeLast() }
    return lines
  }

  /// One piece a line.
  package var encoded: Data { Data((pieces.joined(separator: "\n") + "\n").utf8) }
}
