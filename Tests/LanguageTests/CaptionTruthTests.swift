import Foundation
import Language
import Testing

@Suite struct CaptionTruthTests {
  /// One image of `Fixtures/truth_golden.json`, made by `Fixtures/make_truth_golden.py`.
  private struct Golden: Decodable {
    struct Image: Decodable {
      let candidate: String
      let references: [String]
    }
    let table: String
    let images: [Image]
    let counts: [String: Int]
  }

  /// The counts are those of a script that does not share a line with this package.
  @Test func countsEqualTheReference() throws {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/truth_golden", withExtension: "json"))
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    let truth = CaptionTruth.sum(
      golden.images.map(\.candidate), references: golden.images.map(\.references),
      table: try ObjectWords(golden.table))
    let counts = [
      "captions": truth.captions, "untrue": truth.untrue, "things": truth.things, "unseen": truth.unseen,
      "agreed": truth.agreed, "covering": truth.covering, "sexes": truth.sexes,
      "wrongSexes": truth.wrongSexes, "colors": truth.colors, "unsupportedColors": truth.unsupportedColors,
    ]
    #expect(counts == golden.counts)
    #expect(counts.values.allSatisfy { $0 > 0 }, "something of everything is counted")
  }

  @Test func theTableOfEnglishHasCOCOsThings() {
    let table = ObjectWords.english
    #expect(table.things.count == 77 && table.things.first == "person" && table.things.last == "toothbrush")
    #expect(
      table.words(of: "Two HOT dogs, a dog's toy car!") == ["two", "hot dogs", "a", "dog", "s", "toy car"])
    func named(_ word: String) -> Set<String> { Set(table.things(of: word).map { table.things[$0] }) }
    #expect(named("hot dogs") == ["hot dog"] && named("dog") == ["dog"] && named("toy car") == [])
    #expect(named("tennis") == ["sports ball", "tennis racket"] && named("bag") == ["handbag", "suitcase"])
  }

  @Test func oneCaptionIsJudged() {
    let seen = CaptionTruth.References([
      "a man in a white shirt rides a horse", "a man on a horse", "a person on a brown horse",
      "somebody rides", "the cowboy",
    ])
    #expect(seen.unseen("a woman on a cow beside a dog and a horse") == ["cow", "dog"])
    let truth = seen.judge("a woman on a red cow")
    #expect((truth.things, truth.unseen, truth.untrue) == (2, 1, 1))
    #expect((truth.sexes, truth.wrongSexes) == (1, 1) && (truth.colors, truth.unsupportedColors) == (1, 1))
    // Three of five name a person and a horse.
    #expect((truth.agreed, truth.covering) == (1, 1))
    #expect(seen.judge("a white cow").covering == 0)
    #expect(seen.judge("grass").named.map(\.value) == [0, nil, 0, 0, nil, nil])
  }

  @Test func peopleAreJudgedByTheOthers() {
    let truth = CaptionTruth.leaveOneOut([["a dog", "a dog", "a red cat"], ["a cup", "a mug"]])
    // The images' third round takes the second one's first caption again.
    #expect(truth.captions == 6 && truth.things == 6 && truth.unseen == 1 && truth.untrue == 1)
    #expect(truth.colors == 1 && truth.unsupportedColors == 1)
  }

  @Test func tablesMayHaveAnyLineEnds() throws {
    let table = try ObjectWords("# mine\r\ncat: cat, cats\r\nhot dog: hot dog\r\n")
    #expect(
      table == (try ObjectWords("cat: cat, cats\nhot dog: hot dog\n")) && table.things == ["cat", "hot dog"])
    #expect(table.thingsByLastWord["dog"] == [1] && table.thingsByLastWord["cat"] == nil)
  }

  private static let broken: [(table: String, line: Int, reason: String)] = [
    ("dog: dog\ncat cats", 2, "no colon between a thing and its words"),
    ("# things\n\ndog: dog, puppy, Dog", 3, "dog stands twice"),
    ("dog: dog\ndog: puppy", 2, "dog stands in two lines"), ("dog: dog,", 1, "an empty word"),
    ("dog:", 1, "an empty word"), ("dog: a hot dog", 1, "more than two words in one: a hot dog"),
  ]

  @Test(arguments: broken)
  func aBrokenTableNamesItsLine(table: String, line: Int, reason: String) {
    let problem = #expect(throws: ObjectWords.Problem.self) { try ObjectWords(table) }
    #expect(problem?.line == line && problem?.reason == reason)
  }
}
