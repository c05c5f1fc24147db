import Datasets
import Foundation
import Models
import Narration
import Testing
import Training

@Suite struct BatchSamplerTests {
  private func sampler(
    _ counts: [[Int]], _ weights: [Double] = [1], batch: Int = 4, captions: Int = 5, flips: Bool = true,
    seed: UInt64 = 1
  ) -> BatchSampler {
    BatchSampler(
      captionCounts: counts, weights: weights, imagesPerBatch: batch, captionsPerImage: captions,
      flips: flips,
      seed: seed)
  }

  private func draws(_ sampler: BatchSampler, _ epoch: Int) -> [BatchSampler.Draw] {
    let order = sampler.epoch(epoch)
    return (0..<sampler.batchesPerEpoch).flatMap { order[$0] }
  }

  @Test func showsEveryPictureOnceAnEpoch() {
    let sampler = sampler([[Int](repeating: 5, count: 100)])
    #expect(sampler.batchesPerEpoch == 25)
    let first = draws(sampler, 0)
    let second = draws(sampler, 1)
    #expect(first.map(\.example).sorted() == Array(0..<100))
    #expect(second.map(\.example).sorted() == Array(0..<100))
    #expect(first.map(\.example) != second.map(\.example))
    #expect(first.map(\.example) != Array(0..<100))
  }

  /// What resuming depends on: a batch asked for on its own is the batch of an unbroken run.
  @Test func repeatsAnyBatchWithoutThoseBefore() {
    let sampler = sampler([[Int](repeating: 7, count: 103)])
    let unbroken = (0..<3).map { sampler.epoch($0) }.map { epoch in
      (0..<sampler.batchesPerEpoch).map { epoch[$0] }
    }
    let again = self.sampler([[Int](repeating: 7, count: 103)])
    #expect(again.epoch(2)[17] == unbroken[2][17])
    #expect(again.epoch(1)[3] == unbroken[1][3])
    let other = self.sampler([[Int](repeating: 7, count: 103)], seed: 2)
    #expect(other.epoch(1)[3] != unbroken[1][3])
  }

  @Test func leavesOutTheRemainderButNotTheLastFewPictures() {
    let ten = sampler([[Int](repeating: 5, count: 10)])
    #expect(ten.batchesPerEpoch == 2)
    #expect(draws(ten, 0).count == 8)
    let seen = Set((0..<20).flatMap { draws(ten, $0).map(\.example) })
    #expect(seen.count == 10)
    let three = sampler([[5, 5, 5]])
    #expect(three.batchesPerEpoch == 1)
    #expect(three.epoch(0)[0].count == 3)
  }

  @Test func choosesCaptionsWithoutRepeatingBeforeItMust() {
    let sampler = sampler([[1, 3, 5, 9]])
    for draw in (0..<200).flatMap({ draws(sampler, $0) }) {
      let count = [1, 3, 5, 9][draw.example]
      #expect(draw.captions.count == 5)
      #expect(draw.captions.allSatisfy { (0..<count).contains($0) })
      #expect(Set(draw.captions).count == min(5, count))
      let uses = Dictionary(grouping: draw.captions, by: { $0 }).values.map(\.count)
      #expect((uses.max() ?? 0) - (uses.min() ?? 0) <= 1)
    }
    let chosen = (0..<200).flatMap { draws(sampler, $0) }.filter { $0.example == 3 }.flatMap(\.captions)
    #expect(Set(chosen) == Set(0..<9))
  }

  @Test func honoursWeights() {
    let sampler = sampler(
      [[Int](repeating: 5, count: 40), [Int](repeating: 5, count: 20)], [0.5, 2.25], batch: 5)
    // 40 × 0.5 + 20 × 2.25 = 65 pictures.
    #expect(sampler.batchesPerEpoch == 13)
    let first = draws(sampler, 0)
    let half = first.filter { $0.source == 0 }.map(\.example)
    #expect(half.count == 20 && Set(half).count == 20)
    let often = Dictionary(grouping: first.filter { $0.source == 1 }, by: \.example).mapValues(\.count)
    #expect(often.count == 20)
    #expect(often.values.sorted() == [Int](repeating: 2, count: 15) + [Int](repeating: 3, count: 5))
    #expect(Set((0..<20).flatMap { draws(sampler, $0) }.filter { $0.source == 0 }.map(\.example)).count == 40)
  }

  @Test func mirrorsHalfOfThePictures() {
    let many = sampler([[Int](repeating: 5, count: 1000)])
    let flipped = draws(many, 0).count(where: \.isFlipped)
    #expect((430...570).contains(flipped))
    #expect(draws(sampler([[Int](repeating: 5, count: 100)], flips: false), 0).allSatisfy { !$0.isFlipped })
  }
}
