import Language
import Testing

@Suite struct SentenceRulesTests {
  private let vocabulary = Vocabulary(
    words: Vocabulary.specials + [
      "a", "and", "another", "behind", "bus", "buses", "dog", "dogs", "her", "in", "is", "one", "s", "the",
      "there", "two", "white",
    ])

  private var rules: SentenceRules { SentenceRules(vocabulary, repetition: .english) }

  private func barred(_ word: String) -> Set<String> {
    let list = rules.repetitions[Int(vocabulary.index(of: word))]
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

  @Test func nothingIsBarredWhereAnyWordMay() {
    let rules = SentenceRules(vocabulary, repetition: .any)
    #expect(rules.repetitions.isEmpty && rules.notFirst.isEmpty && rules.notLast.isEmpty)
  }

  /// Whether a sentence may end after these words.
  private func mayEnd(_ sentence: String) -> Bool {
    var context = SentenceRules.Context()
    for word in sentence.split(separator: " ") {
      rules.extend(&context, by: vocabulary.index(of: String(word)))
    }
    return context.mayEnd
  }

  @Test(arguments: [
    ("a dog", true), ("a", false), ("a white", false), ("a two white", false), ("a white and white", false),
    ("a dog in white", true), ("a white dog", true), ("a dog in the", false), ("a dog is", false),
    ("a dog and", false), ("a dog in a white", false), ("dogs", true), ("", true),
    ("a white unheard", true), ("a dog behind her", true), ("a dog behind her white", false), ("her", false),
    ("dogs behind one another", true), ("another", false), ("a dog is her", false),
  ])
  func sentencesEndWithWhatTheyAreAbout(sentence: String, isWhole: Bool) {
    #expect(mayEnd(sentence) == isWhole)
  }

  @Test func sentencesBeginWithSomething() {
    #expect(rules.notFirst == [vocabulary.index(of: "there")])
    #expect(!rules.notLast.contains(Vocabulary.unknown) && !rules.articles.contains(Vocabulary.unknown))
  }
}
