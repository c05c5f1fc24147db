import Foundation
import Scenes
import Testing

/// A frame of one color with a brighter stripe, whose place and color tell frames apart.
private func frame(_ color: [UInt8], stripe: Int = 0, gain: Float = 1) -> Thumbnail {
  var values: [UInt8] = []
  for row in 0..<Thumbnail.height {
    for column in 0..<Thumbnail.width {
      let isStripe = (column + row + stripe) % 12 < 3
      values += color.map { UInt8(min(255, Float($0) * gain + (isStripe ? 40 * gain : 0))) }
    }
  }
  return Thumbnail(values: values)
}

private func find(_ frames: [Thumbnail], _ finder: any TransitionFinder) -> [Transition] {
  for frame in frames { finder.append(frame) }
  finder.finish()
  return finder.transitions
}

@Suite struct DetectorTests {
  private let red: [UInt8] = [180, 40, 30]
  private let blue: [UInt8] = [30, 60, 190]

  @Test func aCutIsFoundAtTheFirstFrameOfTheNewShot() {
    let frames =
      (0..<40).map { frame(red, stripe: $0) } + (0..<40).map { frame(blue, stripe: $0) }
      + (0..<40).map { frame(red, stripe: $0) }
    let found = find(frames, AdaptiveDetector())
    #expect(found == [Transition(.cut, first: 40, end: 40), Transition(.cut, first: 80, end: 80)])
  }

  @Test func motionAloneIsNoCut() {
    #expect(find((0..<100).map { frame(red, stripe: 2 * $0) }, AdaptiveDetector()).isEmpty)
    #expect(find(Array(repeating: frame(red), count: 50), AdaptiveDetector()).isEmpty)
    #expect(find([frame(red)], AdaptiveDetector()).isEmpty)
    #expect(find([], AdaptiveDetector()).isEmpty)
  }

  @Test func aFadeReachesFromFullLightToFullLight() throws {
    let down = (1...10).map { frame(red, gain: 1 - Float($0) / 10) }
    let up = (1...10).map { frame(blue, gain: Float($0) / 10) }
    let frames =
      Array(repeating: frame(red), count: 30) + down + up + Array(repeating: frame(blue), count: 30)
    let found = find(frames, AdaptiveDetector())
    let fade = try #require(found.first)
    #expect(found.count == 1 && fade.kind == .fade)
    #expect(abs(fade.first - 29) <= 2 && abs(fade.end - 50) <= 2)
    // A video that begins in the dark begins with no transition.
    #expect(find(up + Array(repeating: frame(blue), count: 30), AdaptiveDetector()).isEmpty)
    #expect(find(Array(repeating: frame([0, 0, 0], gain: 0), count: 30), AdaptiveDetector()).isEmpty)
  }

  /// A night is no transition, however long: the fade before it and the one after it are.
  @Test func aNightLiesBetweenTwoFades() {
    let down = (1...10).map { frame(red, gain: 1 - Float($0) / 10) }
    let up = (1...10).map { frame(blue, gain: Float($0) / 10) }
    let light = Array(repeating: frame(red), count: 30)
    let night = Array(repeating: frame([0, 0, 0], gain: 0), count: 400)
    let detector = AdaptiveDetector()
    for (number, frame) in (light + down + night).enumerated() {
      detector.append(frame)
      // What waits for an end is bounded.
      #expect(detector.settled >= number - 2 * Transition.longest)
    }
    let found = find(up + Array(repeating: frame(blue), count: 30), detector)
    #expect(found.count == 2 && found.allSatisfy { $0.kind == .fade })
    #expect(abs(found[0].first - 29) <= 1 && abs(found[0].end - 38) <= 2)
    #expect(abs(found[1].first - 440) <= 2 && abs(found[1].end - 450) <= 2)
    // Nor is what flickers about the border between dark and bright.
    let dim = (0..<300).map { frame([11, 11, 11], gain: $0 % 3 == 0 ? 1.1 : 0.9) }
    #expect(find(dim, AdaptiveDetector()).isEmpty)
  }

  /// What has been told stays told, in order: others have acted on it.
  @Test func transitionsAreOnlyAdded() {
    let detector = AdaptiveDetector()
    var (told, settled) = ([Transition](), 0)
    func append(_ frame: Thumbnail) {
      detector.append(frame)
      #expect(Array(detector.transitions.prefix(told.count)) == told)
      #expect(detector.transitions.dropFirst(told.count).allSatisfy { $0.first >= settled })
      (told, settled) = (detector.transitions, detector.settled)
    }
    // A cut while the light goes out belongs to the fade.
    for _ in 0..<30 { append(frame(red)) }
    for step in 1...20 { append(frame(step < 10 ? red : blue, gain: 1 - Float(step) / 20)) }
    for step in 1...20 { append(frame(blue, gain: Float(step) / 20)) }
    for _ in 0..<200 { append(frame(blue)) }
    #expect(told.map(\.kind) == [.fade])
  }

  @Test func figuresTellHowFramesDiffer() {
    var comparison = FrameComparison()
    #expect(comparison.append(frame(red)).allSatisfy { abs($0) < 1e-5 })
    let same = comparison.append(frame(red))
    #expect(same.count == FrameComparison.count && same.allSatisfy { abs($0) < 1e-5 })
    // Of the two before, of the colors nothing is shared.
    let other = comparison.append(frame(blue))
    #expect(other[0] > 0.9 && other[3] > 0.9 && other[1] > 0.5)
    // Darker, with the same structure.
    let darker = comparison.append(frame(blue, gain: 0.5))
    #expect(darker[1] > 0.2 && darker[2] < 0.02)
    // The lags reach back: one frame to red, four to dark blue.
    for _ in 0..<3 { _ = comparison.append(frame(red)) }
    let last = comparison.append(frame(red))
    #expect(last[0] < 1e-5 && last[6] > 0.5)
  }

  @Test func scoresCountEachBoundaryOnce() {
    let truth = [
      Transition(.cut, first: 10, end: 10), Transition(.dissolve, first: 50, end: 70),
      Transition(.cut, first: 100, end: 100),
    ]
    var score = BoundaryScore()
    score.add(
      truth: truth,
      found: [
        Transition(.cut, first: 12, end: 12), Transition(.cut, first: 11, end: 11),
        Transition(.cut, first: 72, end: 72), Transition(.cut, first: 103, end: 103),
      ])
    #expect(score.found == 2 && score.missed == 1 && score.spurious == 2 && score.rightKind == 1)
    #expect(abs(score.f1 - 4.0 / 7) < 1e-12 && abs(score.precision - 0.5) < 1e-12)
    #expect(score.byKind[.cut]?.found == 1 && score.byKind[.cut]?.all == 2)
  }
}
