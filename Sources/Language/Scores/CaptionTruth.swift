/// Whether captions say what people saw: things, sexes and colors that a caption names, and that none of the people did who
/// described the picture. Things are counted as CHAIR does (Rohrbach et al. 2018, "Object Hallucination in Image Captioning"), with
/// people's captions as the truth. Counts, which add up over captions.
package struct CaptionTruth: Sendable, Equatable {
  package private(set) var captions = 0
  /// Captions that name a thing nobody saw.
  package private(set) var untrue = 0
  /// Words that name things, and those of them that name one nobody saw.
  package private(set) var things = 0
  package private(set) var unseen = 0
  /// Captions of pictures where most people name the same thing, and those of them that name such a thing.
  package private(set) var agreed = 0
  package private(set) var covering = 0
  /// Times that a caption speaks of men or of women, and those of them where people speak of the others alone.
  package private(set) var sexes = 0
  package private(set) var wrongSexes = 0
  /// Colors named, and those of them that nobody names.
  package private(set) var colors = 0
  package private(set) var unsupportedColors = 0

  package init() {}

  package static func += (sum: inout CaptionTruth, part: CaptionTruth) {
    sum.captions += part.captions
    sum.untrue += part.untrue
    sum.things += part.things
    sum.unseen += part.unseen
    sum.agreed += part.agreed
    sum.covering += part.covering
    sum.sexes += part.sexes
    sum.wrongSexes += part.wrongSexes
    sum.colors += part.colors
    sum.unsupportedColors += part.unsupportedColors
  }

  /// The share of captions that name a thing nobody saw; nil, as with the others, where there is nothing to count.
  package var chairs: Double? { Self.share(untrue, of: captions) }
  /// Of the words that name things, the share of those that name one nobody saw.
  package var chairi: Double? { Self.share(unseen, of: things) }
  /// Where most people name the same thing, the share of captions that name it.
  package var coverage: Double? { Self.share(covering, of: agreed) }

  /// Names and values, in the order in which they are printed.
  package var named: [(name: String, value: Double?)] {
    [
      ("CHAIRs", chairs), ("CHAIRi", chairi), ("things", Self.share(things, of: captions)),
      ("coverage", coverage), ("wrong-sex", Self.share(wrongSexes, of: sexes)),
      ("unsupported-color", Self.share(unsupportedColors, of: colors)),
    ]
  }

  private static func share(_ part: Int, of whole: Int) -> Double? {
    whole == 0 ? nil : Double(part) / Double(whole)
  }
}

extension CaptionTruth {
  /// What people say of one picture, prepared once.
  package struct References: Sendable {
    let table: ObjectWords
    let words: Set<String>
    private let seen: Set<Int>
    /// What most of them name: of each word that names things, these.
    private let agreed: [Set<Int>]
    /// How many people describe it, and how many of them name each thing.
    let count: Int
    private let speakers: [Int: Int]

    package init(_ captions: [String], table: ObjectWords = .english) {
      (self.table, count) = (table, captions.count)
      let all = captions.map(table.words(of:))
      words = Set(all.joined())
      seen = words.reduce(into: []) { $0.formUnion(table.things(of: $1)) }
      var (naming, speakers) = ([Set<Int>: Int](), [Int: Int]())
      for caption in all {
        let named = Set(caption.map(table.things(of:)))
        for things in named where !things.isEmpty { naming[things, default: 0] += 1 }
        for thing in Set(named.joined()) { speakers[thing, default: 0] += 1 }
      }
      self.speakers = speakers
      // Three of five, and never one alone.
      let most = max(2, Double(captions.count) * 0.6)
      agreed = naming.filter { Double($0.value) >= most }.map(\.key)
    }

    /// The share of people who name one of some things: the one that most do.
    func share(naming things: Set<Int>) -> Double {
      Double(things.reduce(0) { max($0, speakers[$1] ?? 0) }) / Double(max(1, count))
    }

    /// Words of a caption that name a thing nobody saw, in their order.
    package func unseen(_ caption: String) -> [String] { unseen(table.words(of: caption)) }

    func unseen(_ said: [String]) -> [String] {
      said.filter {
        let things = table.things(of: $0)
        return !things.isEmpty && things.isDisjoint(with: seen)
      }
    }

    package func judge(_ caption: String) -> CaptionTruth {
      let said = table.words(of: caption)
      let things = said.map(table.things(of:)).filter { !$0.isEmpty }
      var truth = CaptionTruth()
      truth.captions = 1
      truth.things = things.count
      truth.unseen = things.count { $0.isDisjoint(with: seen) }
      truth.untrue = truth.unseen > 0 ? 1 : 0
      if !agreed.isEmpty {
        truth.agreed = 1
        truth.covering = agreed.contains { main in things.contains { !$0.isDisjoint(with: main) } } ? 1 : 0
      }
      let mine = Set(said)
      for sex in Sex.allCases where !mine.isDisjoint(with: sex.words) {
        truth.sexes += 1
        if words.isDisjoint(with: sex.words), !words.isDisjoint(with: sex.other.words) {
          truth.wrongSexes += 1
        }
      }
      let colors = mine.intersection(English.colors)
      truth.colors = colors.count
      truth.unsupportedColors = colors.subtracting(words).count
      return truth
    }
  }

  /// How true captions are, one an image.
  /// - Parameter references: [images][captions]
  package static func sum(_ captions: [String], references: [[String]], table: ObjectWords = .english)
    -> CaptionTruth
  {
    precondition(captions.count == references.count)
    return zip(captions, references).reduce(into: CaptionTruth()) {
      $0 += References($1.1, table: table).judge($1.0)
    }
  }

  /// How people do: each caption against the others of its image. Round k takes the k-th caption of every image; images with
  /// fewer captions begin again at their first.
  /// - Parameter references: [images][captions]; at least two captions an image.
  package static func leaveOneOut(_ references: [[String]], table: ObjectWords = .english) -> CaptionTruth {
    precondition(references.allSatisfy { $0.count > 1 }, "an image with a single caption")
    return (0..<(references.map(\.count).max() ?? 0)).reduce(into: CaptionTruth()) { sum, round in
      let others = references.map { image in
        image.indices.filter { $0 != round % image.count }.map { image[$0] }
      }
      sum += Self.sum(references.map { $0[round % $0.count] }, references: others, table: table)
    }
  }
}
