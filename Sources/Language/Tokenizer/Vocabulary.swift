/// Words and their indices. The first four are specials.
package struct Vocabulary: Sendable, Equatable {
  package static let specials = ["<pad>", "<bos>", "<eos>", "<unk>"]
  /// Fills unused places of a batch.
  package static let padding: Int32 = 0
  /// Stands before the first word.
  package static let beginning: Int32 = 1
  /// Stands after the last word.
  package static let end: Int32 = 2
  /// Stands for every word that is not listed.
  package static let unknown: Int32 = 3
  /// Those that no caption that is made has in it.
  package static let unwritten = [padding, beginning, unknown]

  /// All words by index, the specials first.
  package let words: [String]
  private let indices: [String: Int32]

  /// - Precondition: `words` begins with the specials and has no word twice.
  package init(words: [String]) {
    precondition(words.starts(with: Self.specials))
    self.init(
      words: words, indices: Dictionary(uniqueKeysWithValues: words.enumerated().map { ($1, Int32($0)) }))
  }

  /// - Parameter indices: those of the words
  init(words: [String], indices: [String: Int32]) { (self.words, self.indices) = (words, indices) }

  /// The words that occur at least `minimumCount` times in normalized captions, in alphabetical order.
  package init(captions: some Sequence<[String]>, minimumCount: Int) {
    var counts: [String: Int] = [:]
    for caption in captions { for word in caption { counts[word, default: 0] += 1 } }
    self.init(words: Self.specials + counts.filter { $0.value >= minimumCount }.keys.sorted())
  }

  package var count: Int { words.count }

  package func index(of word: String) -> Int32 { indices[word] ?? Self.unknown }

  /// - Precondition: `index` is one of this vocabulary's.
  package func word(_ index: Int32) -> String { words[Int(index)] }

  /// A caption's words with spaces between them; markers are left out.
  package func text(_ caption: [Int32]) -> String {
    caption.filter { $0 >= Self.specials.count }.map(word).joined(separator: " ")
  }

  /// Beginning, the first `maximumWords` words, end.
  package func encode(_ caption: [String], maximumWords: Int) -> [Int32] {
    [Self.beginning] + caption.prefix(maximumWords).map(index(of:)) + [Self.end]
  }
}
