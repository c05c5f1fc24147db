import Foundation
import Language

/// Which words people would use of a picture.
package struct PictureWords: Sendable {
  private let concepts: Concepts
  /// [concepts], of how probable it is that a person names each
  package let logits: [Float]

  package init(_ concepts: Concepts, logits: [Float]) {
    precondition(logits.count == concepts.count)
    (self.concepts, self.logits) = (concepts, logits)
  }

  /// How much of a caption people would say.
  package struct Support: Sendable, Equatable {
    /// How many of its words for things are expected to name one that nobody would name, and how many one that somebody would.
    package var unseen: Float = 0
    package var seen: Float = 0
    /// How probable it is that what it says of somebody's sex is wrong, summed over the sexes that it speaks of.
    package var wrongSex: Float = 0
    /// How many of its colors nobody is expected to name.
    package var unsupportedColors: Float = 0
    /// To the words that are expected, see `PictureWords.expected`; 0 where nobody compares.
    package var similarity: Float = 0

    /// Adds a word that may name any of some things.
    fileprivate mutating func add(things: Set<Int>, in picture: PictureWords) {
      guard !things.isEmpty else { return }
      let seen = things.reduce(Float(0)) { max($0, picture.anybody($1)) }
      self.seen += seen
      unseen += 1 - seen
    }

    /// What it costs, in units of a thing that nobody sees.
    package var cost: Float { unseen - seen / 2 + wrongSex / 2 + unsupportedColors / 5 }
  }

  /// People who describe a picture agree: five of them name what three would, did they not know of one another.
  private static let people: Float = 3

  /// Whether anybody would name a concept.
  fileprivate func anybody(_ concept: Int) -> Float {
    let nobody = 1 / (1 + exp(logits[concept]))
    return 1 - pow(nobody, Self.people)
  }

  /// How probable it is that people speak of the other sex alone.
  package func doubt(of sex: Sex) -> Float {
    (1 - anybody(concepts.index(of: sex))) * anybody(concepts.index(of: sex.other))
  }

  /// How probable it is that somebody names a color.
  package func support(ofColor word: String) -> Float { concepts.index(ofWord: word).map(anybody) ?? 0 }

  /// What is expected of people's captions by how probable each word is: a vector like theirs, of length 1, [vocabulary].
  /// - Parameter rarities: [vocabulary], see `WordExpectation`
  package func expected(_ vocabulary: ConceptWords, rarities: [Float]) -> [Float] {
    var expected = zip(vocabulary.words, rarities).map { word, rarity in
      word.concept.map { rarity / (1 + exp(-logits[$0])) } ?? 0
    }
    let norm = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
    if norm > 0 { for word in expected.indices { expected[word] /= norm } }
    return expected
  }

  /// What each word of a caption adds to `Support.cost`, [vocabulary]: nearly, since a word there counts with those beside it.
  /// - Parameter scale: what it is multiplied by
  package func costs(_ vocabulary: ConceptWords, scale: Float) -> [Float] {
    let doubts = Dictionary(uniqueKeysWithValues: Sex.allCases.map { ($0, doubt(of: $0)) })
    return vocabulary.words.map { word in
      var support = Support()
      support.add(things: word.things, in: self)
      if let sex = word.sex { support.wrongSex = doubts[sex] ?? 0 }
      if word.isColor { support.unsupportedColors = 1 - (word.concept.map(anybody) ?? 0) }
      return scale * support.cost
    }
  }

  package func support(of caption: String) -> Support {
    let said = concepts.things.words(of: caption)
    var support = Support()
    for word in said { support.add(things: concepts.things.things(of: word), in: self) }
    let mine = Set(said)
    for sex in Sex.allCases where !mine.isDisjoint(with: sex.words) {
      support.wrongSex += doubt(of: sex)
    }
    for color in mine.intersection(English.colors).sorted() {
      support.unsupportedColors += 1 - self.support(ofColor: color)
    }
    return support
  }
}
