import Media
import Testing

@Test func timesGoForward() {
  var clock = PresentationClock()
  func times(_ stamps: [Double]) -> [Double] { stamps.map { clock.advance(to: $0, until: $0 + 0.5) } }
  #expect(times([1.5, 2, 2.5, 2.25, 3]) == [1.5, 2, 2.5, 2.5, 3])
  #expect(clock.isOriginal && clock.end == 3.5)
  // The second of two recordings goes on where the first ended.
  #expect(times([1.5, 2, 2.5]) == [3.5, 4, 4.5])
  #expect(!clock.isOriginal && clock.end == 5)
}

@Test func leapsAreOtherRecordingsWhereTheyMayBe() {
  for (mayLeap, expected) in [
    (true, [1.5, 2, 2.5, 3, 33, 33.5]), (false, [1.5, 2, 5000, 5000.5, 5030.5, 5030.5]),
  ] {
    var clock = PresentationClock(mayLeap: mayLeap)
    // Half a minute is a pause; back to 1 s another recording.
    let times = [1.5, 2, 5000, 5000.5, 5030.5, 5031].map { clock.advance(to: $0, until: $0 + 0.5) }
    #expect(Array(times.prefix(5)) == Array(expected.prefix(5)) && times == times.sorted())
    #expect(clock.isOriginal == !mayLeap)
  }
}

@Test func aClockOf33BitsMayBeginAgain() {
  let wrap = 0x1p33 / 90_000
  for turns in [[0.0, 1, 2, 3], [3.0, 2, 1, 0], [0, 1, 0, 1]] {
    var clock = PresentationClock(mayLeap: true)
    // A pause of 20 s at each turn is kept.
    for (part, turn) in turns.enumerated() {
      let stamp = 5 + 20.0 * Double(part) + turn * wrap
      #expect(
        abs(clock.advance(to: stamp, until: stamp + 0.5) - turns[0] * wrap - 5 - 20.0 * Double(part)) < 1e-3)
    }
  }
}

@Test func manyJumpsAddUpToNothingAbsurd() {
  var clock = PresentationClock()
  var last = -Double.infinity
  for jump in 0..<1000 {
    let stamp = jump.isMultiple(of: 2) ? 9e8 : -9e8
    let time = clock.advance(to: stamp, until: stamp + 9e8)
    #expect(time >= last && time <= MediaTime.limit && clock.end <= MediaTime.limit)
    last = time
  }
}
