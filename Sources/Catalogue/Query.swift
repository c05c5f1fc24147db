import Language

/// What somebody looks for: words, and phrases in quotes, which must stand in the text as they are.
struct Query {
  let words: [String]
  let phrases: [[String]]

  /// Articles and the like are left out, unless there is nothing else.
  init(_ text: String) {
    var (words, phrases) = ([String](), [[String]]())
    for (index, part) in text.split(separator: "\"", omittingEmptySubsequences: false).enumerated() {
      let found = Self.words(part)
      words += found
      // Between a first quote and a second one; a last one alone opens nothing.
      if index % 2 == 1, !found.isEmpty { phrases.append(found) }
    }
    let telling = words.filter { !English.smallWords.contains($0[...]) }
    var seen: Set<String> = []
    self.words = (telling.isEmpty ? words : telling).filter { seen.insert($0).inserted }
    self.phrases = phrases
  }

  /// Letters and digits, as the index cuts them.
  private static func words(_ text: Substring) -> [String] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }

  /// A term of FTS5: quoted, nothing in it means anything.
  static func term(_ words: [String]) -> String { "\"" + words.joined(separator: " ") + "\"" }
}
