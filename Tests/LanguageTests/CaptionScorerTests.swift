import Foundation
import Language
import Testing

/// Against `pycocoevalcap`: `Fixtures/make_scores_golden.py`.
@Suite struct CaptionScorerTests {
  private struct Golden: Decodable {
    struct Scores: Decodable {
      let bleu: [Double]
      let rougeL, ciderD, cider: Double
    }
    let candidates: [String]
    let references: [[String]]
    let corpus: Scores
    let images: [Scores]
    let people: Scores
    /// CIDEr-D by the document frequencies of the first four images.
    let otherFrequencies: [Double]
  }

  private let golden: Golden
  private let candidates: [[String]]
  private let references: [[[String]]]

  init() throws {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/scores_golden", withExtension: "json"))
    golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    candidates = golden.candidates.map(PTBTokenizer.words)
    references = golden.references.map { $0.map(PTBTokenizer.words) }
  }

  private func expectEqual(
    _ found: CaptionScores, _ expected: Golden.Scores, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let pairs =
      Array(zip(found.bleu, expected.bleu)) + [
        (found.rougeL, expected.rougeL), (found.ciderD, expected.ciderD), (found.cider, expected.cider),
      ]
    for (name, pair) in zip(found.named.map(\.name), pairs) {
      #expect(abs(pair.0 - pair.1) < 1e-9, "\(name)", sourceLocation: sourceLocation)
    }
  }

  @Test func equalsTheReference() {
    let scores = CaptionScorer(references: references).scores(candidates)
    expectEqual(scores.corpus, golden.corpus)
    for (found, expected) in zip(scores.images, golden.images) { expectEqual(found, expected) }
  }

  @Test func peopleAreScoredByTurns() {
    expectEqual(CaptionScorer.leaveOneOut(references), golden.people)
  }

  @Test func aSavedTableGivesItsWeights() throws {
    let saved = DocumentFrequencies(Array(references.prefix(4))).encoded
    let table = try DocumentFrequencies(decoding: saved, path: "table")
    #expect(table.encoded == saved)
    let scores = CaptionScorer(references: references, frequencies: table).scores(candidates).images
    for (found, expected) in zip(scores, golden.otherFrequencies) {
      #expect(abs(found.ciderD - expected) < 1e-9)
    }
  }

  @Test func oneImageAloneIsScoredAsAmongAll() {
    let scorer = CaptionScorer(references: references)
    for (image, expected) in golden.images.enumerated() {
      #expect(abs(scorer.ciderD(candidates[image], image: image) - expected.ciderD) < 1e-9)
    }
  }

  @Test(arguments: [
    ("", "empty file"), ("dog\t5\n", "line 1: images, a tab"), ("images\tmany\n", "line 1: images, a tab"),
    ("images\t0\n", "line 1: images, a tab"), ("images\t2\n3\ta\n", "line 2: a count from 1 to 2"),
    ("images\t2\n1\ta b c d e\n", "line 2: a count"), ("images\t2\n1\ta  b\n", "line 2: a count"),
    ("images\t2\n1\ta\n2\ta\n", "line 3: a is listed twice"), ("images\t2\n1 a\n", "line 2: a count, a tab"),
  ])
  func damagedTablesAreRefused(text: String, reason: String) {
    let error = #expect(throws: LanguageError.self) {
      try DocumentFrequencies(decoding: Array(text.utf8), path: "table")
    }
    #expect(error?.description.hasPrefix("table: \(reason)") == true)
  }

  @Test func thousandsOfNGramsAreCounted() {
    // More than the table begins with, so that it grows.
    let images = (0..<400).map { image in [(0..<20).map { "w\(image * 7 + $0 * 3)" }, ["same", "words"]] }
    let table = DocumentFrequencies(images)
    let lines = String(decoding: table.encoded, as: UTF8.self).split(separator: "\n")
    #expect(lines.first == "images\t400")
    #expect(lines.contains("400\tsame words"))
    let expected = Set(
      images.flatMap {
        $0.flatMap { words in
          words.indices.flatMap { start in
            (1...4).compactMap {
              start + $0 <= words.count ? words[start..<start + $0].joined(separator: " ") : nil
            }
          }
        }
      })
    #expect(lines.count == expected.count + 1)
  }
}
