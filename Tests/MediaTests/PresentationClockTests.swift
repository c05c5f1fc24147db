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
