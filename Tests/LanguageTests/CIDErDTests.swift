import Foundation
import Language
import Testing

/// Against `pycocoevalcap`: `Fixtures/make_cider_golden.py`.
@Suite struct CIDErDTests {
  private struct Golden: Decodable {
    let candidates: [String]
    let references: [[String]]
    let scores: [Double]
    let mean: Double
  }

  private func words(_ sentence: String) -> [String] { sentence.split(separator: " ").map(String.init) }

  @Test func equalsTheReference() throws {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/cider_golden", withExtension: "json"))
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    let scorer = CIDErD(references: golden.references.map { $0.map(words) })
    for (found, expected) in zip(scorer.scores(golden.candidates.map(words)), golden.scores) {
      #expect(abs(found - expected) < 1e-9)
    }
    #expect(abs(scorer.score(golden.candidates.map(words)) - golden.mean) < 1e-9)
  }

  @Test func aReferenceScoresAboveAStranger() {
    let references = [["a dog runs", "the dog is running"], ["a red car", "a car in the street"]]
    let scorer = CIDErD(references: references.map { $0.map(words) })
    let own = scorer.scores([words("a dog runs"), words("a red car")])
    let other = scorer.scores([words("a red car"), words("a dog runs")])
    #expect(own[0] > other[0] && own[1] > other[1])
    #expect(scorer.scores([[], []]) == [0, 0])
  }
}
