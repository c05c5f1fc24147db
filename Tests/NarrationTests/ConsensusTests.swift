import Narration
import Testing

@Test func similarityOfCaptions() {
  #expect(abs(Consensus.similarity([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]) - 1) < 1e-12)
  #expect(Consensus.similarity([1, 2], [3, 4]) == 0)
  // Two of three words, one of two pairs, no triple: (2/3 + 1/2) / 4.
  #expect(abs(Consensus.similarity([1, 2, 3], [1, 2, 4]) - (2.0 / 3 + 0.5) / 4) < 1e-12)
  #expect(Consensus.similarity([], [1]) == 0)
}

@Test func consensusPrefersWhatOthersSay() {
  // The most probable stands alone; the next two say nearly the same.
  let captions: [[Int32]] = [[9, 8, 7], [1, 2, 3, 4], [1, 2, 3, 5]]
  #expect(Consensus.order(captions, scores: [-1, -1.1, -1.2], temperature: 1) == [1, 2, 0])
  // Cold, only the most probable counts.
  #expect(Consensus.order(captions, scores: [-1, -1.1, -1.2], temperature: 0.01)[0] == 0)
  #expect(Consensus.order([], scores: [], temperature: 1) == [])
}
