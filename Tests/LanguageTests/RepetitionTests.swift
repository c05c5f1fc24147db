import Language
import Testing

@Suite struct RepetitionTests {
  private let vocabulary = Vocabulary(
    words: Vocabulary.specials + ["a", "bus", "buses", "dog", "dogs", "is", "s", "the", "two"])

  private func barred(_ word: String) -> Set<String> {
    let list = vocabulary.barred(by: .english)[Int(vocabulary.index(of: word))]
    return Set(list.map(vocabulary.word))
  }

  @Test func wordsOfGrammarMayOccurTwice() {
    for word in Vocabulary.specials + ["a", "is", "the", "two", "s"] {
      #expect(barred(word).isEmpty, "\(word)")
    }
  }

  @Test func otherWordsBarThemselvesAndTheirPlural() {
    #expect(barred("dog") == ["dog", "dogs"] && barred("dogs") == ["dog", "dogs"])
    #expect(barred("bus") == ["bus", "buses"] && barred("buses") == ["bus", "buses"])
  }

  @Test func nothingIsBarredWhereAnyWordMay() { #expect(vocabulary.barred(by: .any).isEmpty) }
}
