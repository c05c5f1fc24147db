import Language
import Testing

@Suite struct PhraseTableTests {
  /// Captions of three to eight words below 1000.
  private static let captions: [[Int32]] = (0..<3000).map { caption in
    let words = (0..<3 + caption % 6).map { word -> Int32 in
      let number = caption * 7919 + word * 104_729 + word * word * caption
      return Int32(4 + number % 996)
    }
    return [Vocabulary.beginning] + words + [Vocabulary.end]
  }

  @Test func allPhrasesAreKnown() {
    let table = PhraseTable(captions: Self.captions)
    for caption in Self.captions {
      for index in 2..<caption.count {
        #expect(table.contains(caption[index - 2], caption[index - 1], caption[index]))
      }
    }
    #expect(PhraseTable(bytes: table.bytes) == table)
  }

  @Test func hardlyAnyOthersAre() {
    let table = PhraseTable(captions: Self.captions)
    let others = (0..<20_000).count { table.contains(1000 + Int32($0 % 50), Int32($0 / 50), 2000) }
    // Six bits in a half-full table: 2.2 %.
    #expect(100..<800 ~= others, "\(others)")
  }

  @Test func wordsInAnotherOrderAreAnotherPhrase() {
    let table = PhraseTable(captions: [[1, 10, 20, 30, 2]])
    #expect(table.contains(1, 10, 20) && table.contains(10, 20, 30) && table.contains(20, 30, 2))
    #expect(!table.contains(20, 10, 30) && !table.contains(30, 20, 10) && !table.contains(10, 20, 2))
  }

  @Test func unknownWordsMakeNoPhrase() {
    #expect(!PhraseTable(captions: [[1, 10, 3, 20, 2]]).contains(10, 3, 20))
    // Nothing to know.
    #expect(!PhraseTable(captions: [[1, 2]]).contains(1, 10, 2))
  }
}
