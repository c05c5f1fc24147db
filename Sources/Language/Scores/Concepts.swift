/// What a caption may say of a picture and a `WordDetector` finds in it: things, whether men or women are there, and words.
package struct Concepts: Sendable, Equatable {
  /// Which words name which things; things first.
  package let things: ObjectWords
  /// Words, each a concept of its own beside the thing that it may name.
  package let words: [String]
  private let places: [String: Int]

  package init(things: ObjectWords, words: [String]) {
    (self.things, self.words) = (things, words)
    let first = things.things.count + Sex.allCases.count
    places = Dictionary(words.enumerated().map { ($1, first + $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Those of a table, and the words that stand in the captions of so many pictures, the smallest words left out.
  /// - Parameter captions: [pictures][captions]
  package init(_ captions: [[String]], things: ObjectWords = .english, pictures least: Int) {
    let counts = captions.reduce(into: [String: Int]()) { counts, picture in
      for word in Set(picture.flatMap(things.words(of:))) { counts[word, default: 0] += 1 }
    }
    let words = counts.filter { word, count in
      count >= least && !English.smallWords.contains(word[...]) && !English.sides.contains(word)
    }
    self.init(things: things, words: words.keys.sorted())
  }

  package var count: Int { things.things.count + Sex.allCases.count + words.count }

  /// What each of them is called: a word, or a thing or a sex that several words name.
  package var names: [(words: [String], isThing: Bool)] {
    things.things.indices.map { (things.words(for: $0), true) }
      + Sex.allCases.map { ($0.words.sorted(), true) } + words.map { ([$0], false) }
  }

  /// The index of a sex; things come before, words after them.
  package func index(of sex: Sex) -> Int { things.things.count + (sex == .male ? 0 : 1) }
  /// The index of a word, if it is one.
  package func index(ofWord word: String) -> Int? { places[word] }

  /// What a caption says. A word that may stand for several things stands for none.
  package func said(by caption: String) -> Set<Int> {
    let words = Set(things.words(of: caption))
    var concepts = Set(words.compactMap { places[$0] })
    for word in words {
      let named = things.things(of: word)
      if named.count == 1 { concepts.formUnion(named) }
    }
    for sex in Sex.allCases where !words.isDisjoint(with: sex.words) { concepts.insert(index(of: sex)) }
    return concepts
  }

  /// What share of a picture's captions says each, where it is not 0.
  package func shares(of captions: [String]) -> [Int: Float] {
    captions.reduce(into: [:]) { shares, caption in
      for concept in said(by: caption) { shares[concept, default: 0] += 1 / Float(captions.count) }
    }
  }
}

/// What captions say people are.
package enum Sex: Sendable, CaseIterable {
  case male, female

  /// The words that say so.
  package var words: Set<String> { self == .male ? English.male : English.female }
  /// Other words that say so, which nobody counts.
  var roles: Set<String> { self == .male ? English.maleRoles : English.femaleRoles }
  package var other: Sex { self == .male ? .female : .male }
}
