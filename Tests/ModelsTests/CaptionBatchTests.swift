import Models
import Testing

@Suite struct CaptionBatchTests {
  @Test func stepsHoldOnlyCaptionsThatGoOn() {
    let batch = CaptionBatch(
      images: 2, captions: [([1, 4, 2], 0), ([1, 5, 6, 7, 2], 1), ([1, 2], 1), ([1, 8, 2], 0)])
    #expect(batch.image == [1, 0, 0, 1])
    #expect(batch.active == [4, 3, 1, 1])
    #expect(batch.offsets == [0, 4, 7, 8])
    #expect(batch.inputs == [1, 1, 1, 1, 5, 4, 8, 6, 7])
    #expect(batch.targets == [5, 4, 8, 2, 6, 2, 2, 7, 2])
    #expect((batch.rows, batch.captions) == (9, 4))
    #expect(batch.weights == nil)
  }

  @Test func weightsFollowTheirCaptions() {
    let captions: [(words: [Int32], image: Int)] = [
      ([1, 4, 2], 0), ([1, 5, 6, 7, 2], 1), ([1, 2], 1), ([1, 8, 2], 0),
    ]
    let batch = CaptionBatch(images: 2, captions: captions, weights: [1, -2, 3, 4])
    #expect(batch.weights == [-2, 1, 4, 3, -2, 1, 4, -2, -2])
    let bounded = CaptionBatch(images: 2, captions: captions, weights: [1, -2, 3, 4], maximumWords: 3)
    #expect(bounded.weights == [-2, 1, 4, 3, -2, 1, 4, -2, 0])
  }
}
