import Language

/// What a vocabulary's words stand for among a detector's concepts, each alone: of two words for one thing neither.
package struct ConceptWords: Sendable {
  struct Word: Sendable {
    /// Its own.
    let concept: Int?
    /// Those that it may name.
    let things: Set<Int>
    let sex: Sex?
    let isColor: Bool
  }
  /// [vocabulary]
  let words: [Word]

  package init(_ concepts: Concepts, _ vocabulary: Vocabulary) {
    words = (0..<vocabulary.count).map { index in
      let word = vocabulary.word(Int32(index))
      return Word(
        concept: concepts.index(ofWord: word), things: concepts.things.things(of: word),
        sex: Sex.allCases.first { $0.words.contains(word) }, isColor: English.colors.contains(word))
    }
  }
}
