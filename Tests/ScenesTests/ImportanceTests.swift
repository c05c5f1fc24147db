import Scenes
import Testing

@Suite struct ImportanceMeterTests {
  private func thumbnail(_ level: Int) -> Thumbnail {
    Thumbnail(values: [UInt8](repeating: UInt8(level), count: Thumbnail.pixels * 3))
  }

  /// - Parameters:
  ///   - seconds: of each, the direction of its features, its quality, and what its two frames differ by
  private func scores(_ seconds: [(features: [Float], quality: Float, motion: Int)]) -> [Double] {
    var meter = ImportanceMeter()
    for (index, second) in seconds.enumerated() {
      for half in 0..<2 {
        meter.append(time: 7 + Double(index) + Double(half) / 2, thumbnail(half * second.motion)) {
          (Representatives.normalized(second.features), second.quality)
        }
      }
    }
    return meter.scores
  }

  @Test func whatDoesNotDifferIsUsual() {
    #expect(scores([]).isEmpty && scores([([1, 0], 0.5, 0)]) == [0.5])
    #expect(
      scores([(features: [Float], quality: Float, motion: Int)](repeating: ([1, 1], 0.5, 9), count: 20))
        .allSatisfy { $0 == 0.5 })
  }

  @Test func whatIsUnlikeTheRestMattersMore() {
    var seconds = [(features: [Float], quality: Float, motion: Int)](
      repeating: ([1, 0.1], 0.5, 4), count: 30)
    for index in 20..<23 { seconds[index].features = [0.2, 1] }
    let found = scores(seconds)
    #expect(found.count == 30 && found.indices.max { found[$0] < found[$1] } == 21)
    #expect(found[21] > 0.8 && found[5] < 0.5 && found.allSatisfy { (0...1).contains($0) })
  }

  @Test func whatMovesAndWhatIsSharpMattersMore() {
    let still = [(features: [Float], quality: Float, motion: Int)](repeating: ([1, 0], 0.5, 4), count: 30)
    var (moving, sharp) = (still, still)
    for index in 10..<13 { (moving[index].motion, sharp[index].quality) = (60, 0.9) }
    for found in [scores(moving), scores(sharp)] { #expect(found[11] > 0.6 && found[11] == found.max()) }
  }

  /// One for each second, also where there is no frame.
  @Test func secondsWithoutFramesAreAsTheOneBefore() {
    var meter = ImportanceMeter()
    for (time, level) in [(0.0, 0), (0.4, 9), (5.2, 90)] {
      meter.append(time: time, thumbnail(level)) { ([1, 0], Float(level) / 100) }
    }
    let found = meter.scores
    #expect(found.count == 6 && Set(found.prefix(5)).count == 1 && found[5] != found[0])
  }
}

@Suite struct DigestTests {
  @Test func theBestThatFitIsChosen() {
    #expect(Digest.choose([5, 5, 5, 5], worths: [0.1, 0.9, 0.5, 0.8], length: 10) == [1, 3])
    // Better two that fill it than the best alone.
    #expect(Digest.choose([6, 5, 5], worths: [1, 0.9, 0.9], length: 10) == [1, 2])
    #expect(Digest.choose([6, 5], worths: [1, 1], length: 4).isEmpty)
    #expect(
      Digest.choose([], worths: [], length: 4).isEmpty && Digest.choose([1], worths: [1], length: 0).isEmpty)
    #expect(Digest.choose([1, 1], worths: [0, 1], length: 9) == [1])
  }

  /// Against all that could be chosen.
  @Test func nothingBetterFits() {
    var state: UInt64 = 1
    func random() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40) / Double(1 << 24)
    }
    for _ in 0..<50 {
      let lengths = (0..<9).map { _ in (1 + (random() * 40).rounded(.down)) / 10 }
      let worths = (0..<9).map { _ in random() }
      let length = (random() * 80).rounded() / 10 + 0.5
      func seconds(_ set: [Int]) -> Double { set.reduce(0.0) { $0 + lengths[$1] } }
      func worth(_ set: [Int]) -> Double { set.reduce(0.0) { $0 + lengths[$1] * worths[$1] } }
      let chosen = Digest.choose(lengths, worths: worths, length: length)
      #expect(seconds(chosen) <= length + 1e-9)
      var best = 0.0
      for bits in 0..<512 {
        let set = (0..<9).filter { bits >> $0 & 1 == 1 }
        if seconds(set) <= length + 1e-9 { best = max(best, worth(set)) }
      }
      #expect(worth(chosen) >= best - 1e-9)
    }
  }
}
