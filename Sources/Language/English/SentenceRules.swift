/// Which words a caption may have in it twice, and how it may begin and end. Captioners tend to see a thing twice: "a plate of food
/// on a plate".
package enum Repetition: String, Codable, Sendable, CaseIterable {
  /// Every word.
  case any
  /// Words of English grammar, such as `the` and `and`, and numbers. The caption is in English, then, and keeps its
  /// `SentenceRules`.
  case english
}

/// What a sentence may not be, whatever its probability, by a vocabulary's indices.
package struct SentenceRules: Sendable {
  /// For each word those that may not follow it, however much later: the word itself and its plural or singular, or none. Empty
  /// where none is barred.
  package var repetitions: [[Int32]] = []
  /// Words that it does not begin with: "there is a dog" says no more than "a dog".
  package var notFirst: Set<Int32> = []
  /// Words that it does not end with: articles, prepositions, verbs that need more.
  package var notLast: Set<Int32> = []
  /// Words after which a thing is to be named, and those that may stand before it: after "a white" something must come, after
  /// "dressed in white" nothing.
  package var articles: Set<Int32> = []
  package var qualifiers: Set<Int32> = []
  /// Those of the articles that may also stand for somebody or something alone, and the words after which they do: "behind her",
  /// "at one another".
  package var pronouns: [Int32: Set<Int32>] = [:]

  /// Whether no word may follow itself, and no three words come twice. Parts of words may.
  package var barsLoops = true

  /// Anything goes.
  package init() {}

  package init(_ vocabulary: Vocabulary, repetition: Repetition) {
    guard repetition == .english else { return }
    func indices(_ words: some Sequence<String>) -> Set<Int32> {
      Set(words.map(vocabulary.index(of:))).subtracting([Vocabulary.unknown])
    }
    repetitions = vocabulary.repetitions
    notFirst = indices(English.emptyBeginnings)
    notLast = indices(English.unfinishedEnds)
    articles = indices(English.articles)
    pronouns = [
      vocabulary.index(of: "her"): indices(English.prepositions),
      vocabulary.index(of: "another"): indices(["one"]),
    ].filter { $0.key != Vocabulary.unknown }
    // An orange may be one that is eaten.
    qualifiers = indices(
      English.qualifiers.filter { $0 != "orange" } + English.adjectives + ["and"]
    ).subtracting(articles)
  }

  /// The end of a sentence, as far as the next words depend on it.
  package struct Context: Sendable, Equatable {
    /// Whether the sentence may end here.
    package fileprivate(set) var mayEnd = true
    fileprivate var needsThing = false
    fileprivate var last: Int32?

    package init() {}
  }

  package func extend(_ context: inout Context, by word: Int32) {
    defer { context.last = word }
    if articles.contains(word) {
      context.needsThing = true
    } else if !qualifiers.contains(word) {
      context.needsThing = false
    }
    let standsAlone = context.last.flatMap { pronouns[word]?.contains($0) } ?? false
    context.mayEnd = (!context.needsThing || standsAlone) && !notLast.contains(word)
  }
}

extension Vocabulary {
  fileprivate var repetitions: [[Int32]] {
    let free = Set(English.grammar + Self.specials)
    var repetitions = words.enumerated().map { free.contains($1) ? [] : [Int32($0)] }
    for (index, word) in words.enumerated() where word.count > 3 && !free.contains(word) {
      for ending in English.pluralEndings where word.hasSuffix(ending) {
        let singular = self.index(of: String(word.dropLast(ending.count)))
        guard singular != Self.unknown, !repetitions[Int(singular)].isEmpty else { continue }
        repetitions[index].append(singular)
        repetitions[Int(singular)].append(Int32(index))
      }
    }
    return repetitions
  }
}
