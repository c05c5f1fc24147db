import Media
import Testing

@Suite struct FrameTimingTests {
  private func timing(
    _ times: [Double], tick: (Int, Int) = (1, 90_000), written: (Int, Int)? = nil, end: Double? = nil
  ) -> FrameTiming {
    FrameTiming(
      times: times, end: end ?? times[times.count - 1],
      ClockFacts(tick: Fraction(tick.0, tick.1), frameRate: written.flatMap { Fraction($0.0, $0.1) }))
  }

  private func times(_ count: Int, _ rate: Double, start: Double = 0) -> [Double] {
    (0..<count).map { start + Double($0) / rate }
  }

  @Test func fractionsAreInLowestTerms() throws {
    let fraction = try #require(Fraction(60_000, 2002))
    #expect(
      fraction.numerator == 30_000 && fraction.denominator == 1001 && fraction.description == "30000/1001")
    #expect(Fraction(0, 1) == nil && Fraction(1, 0) == nil && Fraction(-1, 2) == nil)
    #expect(Fraction(Int.max, 1) == nil && Fraction(Int.max, Int.max)?.value == 1)
  }

  @Test func ratesThatAreWrittenOddlyAreTheUsualOnes() {
    #expect(FrameRate(2997, 100).standardized == FrameRate(30_000, 1001))
    #expect(FrameRate(23_976, 1000).standardized == FrameRate(24_000, 1001))
    #expect(FrameRate(19_001, 317).standardized == FrameRate(60_000, 1001))
    #expect(FrameRate(17).standardized == FrameRate(17))
    #expect(FrameRate(30_000, 1001).nominal == 30 && FrameRate(24_000, 1001).nominal == 24)
  }

  @Test func aTimelineCountsByAUsualRate() {
    #expect(FrameRate(15).counted == FrameRate(30) && FrameRate(25, 2).counted == FrameRate(25))
    #expect(FrameRate(15_000, 1001).counted == FrameRate(30_000, 1001))
    #expect(FrameRate(17).counted == FrameRate(24) && FrameRate(240).counted == FrameRate(60))
    #expect(FrameRate(1).counted == FrameRate(24))
  }

  /// Matroska's milliseconds are a rate all the same.
  @Test func roundedTimesAreAConstantRate() {
    let rounded = times(5000, 30_000 / 1001).map { ($0 * 1000).rounded() / 1000 }
    let found = timing(rounded, tick: (1, 1000), written: (2997, 100))
    #expect(found.rate == FrameRate(30_000, 1001) && found.isExact)
    // Without a written rate, it is measured.
    #expect(timing(rounded, tick: (1, 1000)).rate == FrameRate(30_000, 1001))
    // And where a wrong one is written.
    #expect(timing(times(500, 25), written: (90_000, 1)).rate == FrameRate(25))
    #expect(timing(times(5, 15), written: (15, 1)).isExact)
    #expect(!timing(times(50, 17), written: (17, 1)).isExact)
  }

  @Test func ratesThatVaryAreNone() {
    let slower = times(100, 30) + times(100, 24, start: 100.0 / 30)
    let found = timing(slower, written: (30, 1))
    #expect(found.rate == nil && found.counted == FrameRate(30) && !found.isExact)
    // One frame in a hundred may be lost, and no more.
    var (few, many) = (times(1000, 25), times(1000, 25))
    few.remove(at: 500)
    for index in 0..<50 { many.remove(at: 100 + 10 * index) }
    #expect(timing(few, written: (25, 1)).rate == FrameRate(25) && timing(many, written: (25, 1)).rate == nil)
  }

  /// Hours at a rate that is no round number: no frame is off.
  @Test func nothingDrifts() {
    let count = 2 * 215_784 + 20
    let long = times(count, 60_000 / 1001, start: 1.4)
    let found = timing(long, tick: (1, 60_000), written: (60_000, 1001))
    #expect(found.rate == FrameRate(60_000, 1001))
    #expect(
      (0..<count).allSatisfy { found.frame(at: long[$0]) == $0 && found.ticks(at: long[$0]) == 1001 * $0 })
  }

  @Test func oneFrameAndNoClockAreAnswered() {
    let one = FrameTiming(times: [2], end: 2.04, ClockFacts())
    #expect(one.counted == FrameRate(60) && one.rate == nil && one.frame(at: 2.04) == 2)
    #expect(timing([0], written: (25, 1), end: 0.04).rate == FrameRate(25))
    // Frames of one time.
    #expect(timing([0, 0, 0], written: (25, 1)).rate == nil)
  }

  @Test func aFileSaysItsClock() throws {
    let clock = try VideoFile(contentsOf: fixture("video-vfr.mp4")).clock
    #expect(clock.tick != nil && clock.timecode == nil)
    let stream = try FrameStream(contentsOf: fixture("video-vfr.mp4"))
    var times: [Double] = []
    while let time = try stream.next() { times.append(time) }
    #expect(FrameTiming(times: times, end: stream.end, stream.video.clock).rate == nil)
  }
}
