import Foundation
import Language
import Networks
import Tensors

/// A detector of words with what it looks for, as a weights file holds them.
package struct FoundWords: Sendable {
  package let detector: WordDetector
  package let concepts: Concepts
  /// Names of the data sets whose people's words it knows.
  package let styles: [String]

  package init(_ detector: WordDetector, _ concepts: Concepts, styles: [String]) {
    precondition(detector.concepts == concepts.count && detector.styles == styles.count)
    (self.detector, self.concepts, self.styles) = (detector, concepts, styles)
  }

  /// Of all that a file has of it.
  package static let prefix = "detector."
  private static let (thingsName, wordsName, stylesName) = (
    prefix + "things", prefix + "words", prefix + "styles"
  )

  /// Adds the tensors and tables to a file.
  package func add(to writer: inout SafetensorsWriter) {
    writer.add("detector", detector, half: true)
    writer.add(Self.thingsName, bytes: Array(concepts.things.text.utf8))
    writer.add(Self.wordsName, bytes: Array(concepts.words.joined(separator: "\n").utf8))
    writer.add(Self.stylesName, bytes: Array(styles.joined(separator: "\n").utf8))
  }

  /// Reads what a file has of it.
  /// - Throws: for tensors that do not fit one another or the tables.
  /// - Returns: nil where the file has no detector
  package static func read(from file: SafetensorsFile) throws(SafetensorsError) -> FoundWords? {
    guard file.shape(of: thingsName) != nil else { return nil }
    func damaged(_ reason: String) -> SafetensorsError { .damaged(path: file.path, reason: reason) }
    func text(_ name: String) throws(SafetensorsError) -> String {
      guard let text = String(validating: try file.bytes(name), as: UTF8.self) else {
        throw damaged("\(name) is not UTF-8")
      }
      return text
    }
    func lines(_ name: String) throws(SafetensorsError) -> [String] {
      let lines = try text(name).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      guard Set(lines).count == lines.count, !lines.contains("") else {
        throw damaged("\(name) has an empty line, or one twice")
      }
      return lines
    }
    let table = try text(thingsName)
    let things: ObjectWords
    do throws(ObjectWords.Problem) { things = try ObjectWords(table) } catch {
      throw damaged("\(thingsName), line \(error.line): \(error.reason)")
    }
    let (concepts, styles) = (Concepts(things: things, words: try lines(wordsName)), try lines(stylesName))
    guard let units = file.shape(of: "detector.projection.bias")?.first, units > 0 else {
      throw damaged("a detector without units")
    }
    var none: RandomGenerator?
    var detector = WordDetector(
      channels: EfficientNetLite.channels, units: units,
      priors: styles.map { _ in [Float](repeating: 0.5, count: concepts.count) }, using: &none)
    try detector.load("detector", from: file)
    return FoundWords(detector, concepts, styles: styles)
  }

  /// What a picture or clip shows.
  /// - Parameters:
  ///   - features: [frames * positions, channels]
  ///   - style: whose words; of one that it does not know the first
  ///   - arena: reset
  package func words(in features: Rows, style: String?, arena: Arena) -> PictureWords {
    arena.reset()
    let index = style.flatMap { styles.firstIndex(of: $0) } ?? 0
    let pass = WordDetectorPass(detector, features: features, images: 1, styles: [index], arena: arena)
    return PictureWords(concepts, logits: [Float](Rows(pass.logits)))
  }
}

/// Which words people would use of a picture.
package struct PictureWords: Sendable {
  private let concepts: Concepts
  /// [concepts], of how probable it is that a person names each
  private let logits: [Float]

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

  /// What each word of a caption adds to `Support.cost`, [vocabulary].
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
