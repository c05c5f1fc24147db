import Scenes
import Testing

@Suite struct TransitionDecoderTests {
  private var decoder = TransitionDecoder(threshold: 0.5)

  /// Coarse stripes across or down; between 0 and 1 a mixture of the two.
  private func picture(_ share: Float) -> Thumbnail {
    Thumbnail(
      values: (0..<Thumbnail.pixels * 3).map { index in
        let (row, column) = (index / 3 / Thumbnail.width, index / 3 % Thumbnail.width)
        let (across, down): (Float, Float) = (row / 5 % 2 == 0 ? 200 : 40, column / 7 % 2 == 0 ? 30 : 180)
        return UInt8(across + (down - across) * share)
      })
  }

  private mutating func put(
    _ kind: TransitionKind?, _ probability: Float = 0.9, _ share: Float = 0, count: Int = 1
  ) {
    var row = [Float](repeating: 0, count: TransitionDecoder.classes)
    row[0] = kind == nil ? 1 : 1 - probability
    if let kind { row[1 + (TransitionKind.allCases.firstIndex(of: kind) ?? 0)] = probability }
    for _ in 0..<count { row.withUnsafeBufferPointer { decoder.append($0, picture(share)) } }
  }

  @Test mutating func probabilitiesBecomeTransitions() {
    put(nil, count: 5)
    put(.cut, 0.6)
    put(.cut, 0.8)
    #expect(decoder.settled == 5)
    put(nil, count: 5)
    for step in 1...4 { put(.dissolve, 0.9, Float(step) / 5) }
    put(nil, 1, 1)
    put(.fade, count: 3)
    put(nil)
    decoder.finish()
    #expect(
      decoder.transitions == [
        Transition(.cut, first: 6, end: 6, confidence: 0.8),
        Transition(.dissolve, first: 12, end: 16, confidence: 0.9),
        Transition(.fade, first: 17, end: 20, confidence: 0.9),
      ])
    #expect(decoder.transitions.map(\.boundary) == [6, 14, 18])
  }

  /// What a dissolve is taken for that is none: one picture stays until another one is there, or nothing changes.
  @Test mutating func aDissolveMixesWhatIsAroundIt() {
    put(nil, count: 5)
    for step in 0..<10 { put(.dissolve, 0.9, step < 5 ? 0 : 1) }
    put(nil, 1, 1, count: 5)
    put(.dissolve, 0.9, 1, count: 10)
    put(nil, 1, 1, count: 5)
    decoder.finish()
    #expect(decoder.transitions.isEmpty)
  }

  @Test mutating func whatTouchesAnEndOrIsTooShortIsNone() {
    put(.fade, count: 5)
    put(nil, count: 5)
    put(.wipe, count: 2)
    put(nil, count: 5)
    put(.fade, count: 5)
    decoder.finish()
    #expect(decoder.transitions.isEmpty && decoder.settled == 22)
  }

  /// What waits for an end is bounded.
  @Test mutating func whatGoesOnAndOnIsNone() {
    put(nil)
    for count in 1...400 {
      put(.fade)
      #expect(decoder.settled >= count - Transition.longest)
    }
    put(nil)
    put(.cut)
    put(nil)
    decoder.finish()
    #expect(decoder.transitions.map(\.first) == [402])
  }
}
