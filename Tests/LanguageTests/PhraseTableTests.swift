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
    let table = PhraseTable(captions: Self.captions, qualifiers: [])
    for caption in Self.captions {
      for index in 2..<caption.count {
        #expect(table.contains(caption[index - 2], caption[index - 1], caption[index], .literal))
      }
    }
    #expect(PhraseTable(bytes: table.bytes) == table)
  }

  @Test func hardlyAnyOthersAre() {
    let table = PhraseTable(captions: Self.captions, qualifiers: [])
    let others = (0..<20_000).count { table.contains(1000 + Int32($0 % 50), Int32($0 / 50), 2000, .literal) }
    // Six bits in a half-full table: 2.2 %.
    #expect(100..<800 ~= others, "\(others)")
  }

  @Test func wordsInAnotherOrderAreAnotherPhrase() {
    let table = PhraseTable(captions: [[1, 10, 20, 30, 2]], qualifiers: [])
    #expect(
      table.contains(1, 10, 20, .literal) && table.contains(10, 20, 30, .literal)
        && table.contains(20, 30, 2, .literal))
    #expect(
      !table.contains(20, 10, 30, .literal) && !table.contains(30, 20, 10, .literal)
        && !table.contains(10, 20, 2, .literal))
  }

  /// Of "1 10 20 30 2" without 20 these: "1 10 30", "10 30 2". What stands in a row by itself is another thing.
  @Test func barePhrasesLeaveQualifiersOut() {
    let table = PhraseTable(captions: [[1, 10, 20, 30, 2]], qualifiers: [20])
    #expect(table.contains(1, 10, 30, .bare) && table.contains(10, 30, 2, .bare))
    #expect(
      table.contains(1, 10, 20, .literal) && table.contains(10, 20, 30, .literal)
        && table.contains(20, 30, 2, .literal))
    #expect(!table.contains(1, 10, 30, .literal) && !table.contains(10, 30, 2, .literal))
    #expect(!table.contains(1, 10, 20, .bare) && !table.contains(10, 20, 30, .bare))
    // Without qualifiers there is nothing to leave out.
    #expect(!PhraseTable(captions: [[1, 10, 30, 2]], qualifiers: []).contains(1, 10, 30, .bare))
    // A phrase without qualifiers is both.
    #expect(PhraseTable(captions: [[1, 10, 30, 2]], qualifiers: [20]).contains(1, 10, 30, .bare))
  }

  @Test func unknownWordsMakeNoPhrase() {
    #expect(!PhraseTable(captions: [[1, 10, 3, 20, 2]], qualifiers: []).contains(10, 3, 20, .literal))
    #expect(!PhraseTable(captions: [[1, 10, 30, 3, 20, 2]], qualifiers: [30]).contains(10, 3, 20, .bare))
    // Nothing to know.
    #expect(!PhraseTable(captions: [[1, 2]], qualifiers: []).contains(1, 10, 2, .literal))
  }

  @Test func qualifiersAreThoseOfTheVocabulary() {
    let vocabulary = Vocabulary(words: Vocabulary.specials + ["a", "green", "kite", "on", "the"])
    #expect(vocabulary.qualifiers == [4, 5, 8])
    #expect(Vocabulary(words: Vocabulary.specials + ["kite"]).qualifiers.isEmpty)
  }
}
