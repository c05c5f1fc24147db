import Foundation
import Language
import Testing

@Suite struct CaptionRewardTests {
  /// Of three images, with markers.
  let references: [[[Int32]]] = [
    [[1, 4, 5, 6, 7, 2], [1, 4, 5, 6, 8, 9, 2], [1, 4, 8, 3, 2]],
    [[1, 10, 5, 6, 11, 2], [1, 10, 4, 2]],
    [[1, 4, 12, 6, 7, 13, 14, 2], [1, 9, 9, 10, 2]],
  ]
  let candidates: [[Int32]] = [[1, 4, 5, 6, 7, 2], [1, 10, 5, 6, 6, 4, 2], [1, 4, 12, 6, 15, 2]]

  /// Words as text, the end marker one of them.
  private func text(_ caption: [Int32]) -> [String] { caption.dropFirst().map { "w\($0)" } }

  @Test func equalsTheScorersWithTheEndAsAWord() {
    let reward = CaptionReward(references: references)
    let scorer = CaptionScorer(references: references.map { $0.map(text) })
    for image in references.indices {
      for caption in candidates + [[1, 2]] {
        let expected = scorer.ciderD(text(caption), image: image)
        #expect(abs(reward.score(caption, image: image) - expected) < 1e-12)
        #expect(reward.score(Array(caption.dropFirst()), image: image) == reward.score(caption, image: image))
      }
    }
    #expect(reward.score(candidates[0], image: 0) > 1)
  }

  @Test func anAdvantageIsOverTheMeanOfTheOthers() {
    #expect(CaptionReward.advantages([1, 2, 6]) == [-3, -1.5, 4.5])
    #expect(CaptionReward.advantages([0.5, 0.5]) == [0, 0])
  }
}
