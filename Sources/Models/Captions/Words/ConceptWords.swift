import Language

/// What a vocabulary's words stand for among a detector's concepts, word by word.
package struct ConceptWords: Sendable {
  struct Word: Sendable {
    /// Its own.
    let concept: Int?
    /// Those that it may name, alone or as the last of two words: "dog" a dog or a hot dog.
    let things: Set<Int>
    let sex: Sex?
    let isColor: Bool
  }
  /// [vocabulary]
  let words: [Word]

  package init(_ concepts: Concepts, _ vocabulary: Vocabulary) {
    let lastOfTwo = concepts.things.thingsByLastWord
    words = (0..<vocabulary.count).map { index in
      let word = vocabulary.word(Int32(index))
      return Word(
        concept: concepts.index(ofWord: word),
        things: concepts.things.things(of: word).union(lastOfTwo[word] ?? []),
        sex: Sex.allCases.first { $0.words.contains(word) }, isColor: English.colors.contains(word))
    }
  }
}
