import Foundation
import Scenes
import Tensors
import Testing

/// A frame of one colour with a brighter stripe, whose place and colour tell frames apart.
private func frame(_ colour: [UInt8], stripe: Int = 0, gain: Float = 1) -> Thumbnail {
  var values: [UInt8] = []
  for row in 0..<Thumbnail.height {
    for column in 0..<Thumbnail.width {
      let isStripe = (column + row + stripe) % 12 < 3
      values += colour.map { UInt8(min(255, Float($0) * gain + (isStripe ? 40 * gain : 0))) }
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

  @Test func probabilitiesBecomeTransitions() {
    var decoder = TransitionDecoder(threshold: 0.5)
    func put(_ kind: TransitionKind?, _ p: Float = 0.9) {
      var row = [Float](repeating: 0, count: TransitionDecoder.classes)
      row[0] = kind == nil ? 1 : 1 - p
      if let kind { row[1 + (TransitionKind.allCases.firstIndex(of: kind) ?? 0)] = p }
      row.withUnsafeBufferPointer { decoder.append($0) }
    }
    for _ in 0..<5 { put(nil) }
    put(.cut, 0.6)
    put(.cut, 0.8)
    #expect(decoder.settled == 5)
    for _ in 0..<5 { put(nil) }
    for _ in 0..<4 { put(.dissolve) }
    put(nil)
    put(.fade)
    decoder.finish()
    #expect(
      decoder.transitions == [
        Transition(.cut, first: 6, end: 6, confidence: 0.8),
        Transition(.dissolve, first: 12, end: 16, confidence: 0.9),
        Transition(.fade, first: 17, end: 18, confidence: 0.9),
      ])
  }

  @Test func figuresTellHowFramesDiffer() {
    var comparison = FrameComparison()
    #expect(comparison.append(frame(red)).allSatisfy { abs($0) < 1e-5 })
    let same = comparison.append(frame(red))
    #expect(same.count == FrameComparison.count && same.allSatisfy { abs($0) < 1e-5 })
    // Of the two before, of the colours nothing is shared.
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

/// A Taylor series does for a test.
private func cosine(_ degrees: Double) -> Double {
  let x = degrees * .pi / 180
  return (0..<20).reduce(0) { sum, n in
    sum + (n % 2 == 0 ? 1 : -1)
      * (1...max(1, 2 * n)).reduce(n == 0 ? 1 : 1.0) { $0 * (n == 0 ? 1 : x / Double($1)) }
  }
}

private func unit(_ angle: Double) -> [Float] { [Float(cosine(angle)), Float(cosine(angle - 90))] }

@Suite struct TemporalSegmentationTests {
  @Test func partsAreWhereItChanges() {
    let steady = (0..<12).map { unit(Double($0 % 3)) }
    #expect(TemporalSegmentation.parts(of: steady, penalty: 0.3, shortest: 2) == [0..<12])
    let changing = (0..<6).map { unit(Double($0)) } + (0..<8).map { unit(80 + Double($0)) }
    #expect(TemporalSegmentation.parts(of: changing, penalty: 0.3, shortest: 2) == [0..<6, 6..<14])
    // What is gone again at once is no part.
    let blink = (0..<5).map { _ in unit(0) } + [unit(80)] + (0..<5).map { _ in unit(0) }
    #expect(TemporalSegmentation.parts(of: blink, penalty: 0.3, shortest: 3) == [0..<11])
    #expect(TemporalSegmentation.parts(of: [unit(0), unit(90), unit(0)], penalty: 0, shortest: 2) == [0..<3])
    #expect(TemporalSegmentation.parts(of: [], penalty: 0.3, shortest: 2) == [])
  }

  /// Of all ways to part them none is better.
  @Test func theBestPartsAreFound() {
    var random = RandomGenerator(seed: 5)
    for shortest in 1...3 {
      let features = (0..<10).map { _ in unit(Double(random.uniform()) * 120) }
      let penalty: Float = 0.1
      func scatter(_ part: Range<Int>) -> Float {
        var mean: [Float] = [0, 0]
        for at in part { for axis in 0..<2 { mean[axis] += features[at][axis] / Float(part.count) } }
        var sum: Float = 0
        for at in part {
          for axis in 0..<2 {
            let distance = features[at][axis] - mean[axis]
            sum += distance * distance
          }
        }
        return sum
      }
      func cost(_ parts: [Range<Int>]) -> Double {
        let within = Double(parts.map(scatter).reduce(0, +))
        let changes = Double(parts.count - 1)
        return changes > 0 ? within + Double(penalty) * changes * (log(10 / changes) + 1) : within
      }
      let all: [[Range<Int>]] = (0..<512).compactMap { (mask: Int) -> [Range<Int>]? in
        let edges = [0] + (1..<10).filter { mask >> ($0 - 1) & 1 == 1 } + [10]
        let parts = zip(edges, edges.dropFirst()).map { $0..<$1 }
        return parts.allSatisfy { $0.count >= shortest } ? parts : nil
      }
      let best = all.map(cost).min() ?? 0
      let found = TemporalSegmentation.parts(of: features, penalty: penalty, shortest: shortest)
      #expect(found.allSatisfy { $0.count >= shortest } && abs(cost(found) - best) < 1e-4)
    }
  }
}

@Suite struct RepresentativesTests {
  @Test func aShotIsToldByTheMostTypicalAndThenByTheUnlike() {
    let features = [unit(0), unit(5), unit(10), unit(80)]
    let chosen = Representatives.ofShot(features, quality: [0.5, 0.5, 0.5, 0.5], limit: 4, alike: 0.8)
    #expect(chosen.map(\.index) == [2, 3] || chosen.map(\.index) == [1, 3])
    let sharp = Representatives.ofShot(features, quality: [0.9, 0.1, 0.1, 0.1], limit: 1, alike: 0.8)
    #expect(sharp.map(\.index) == [0])
    #expect(
      Representatives.ofShot([[0, 0], [0, 0]], quality: [0, 0], limit: 3, alike: 0.8).map(\.index) == [0, 1])
  }

  @Test func aBudgetGoesToWhatIsLongAndUnlike() {
    let features = [unit(0), unit(3), unit(90), unit(180)]
    #expect(
      Representatives.ofAll(features, weights: [1, 1, 1, 0], count: 2) == [0, 2]
        || Representatives.ofAll(features, weights: [1, 1, 1, 0], count: 2) == [1, 2])
    #expect(Representatives.ofAll(features, weights: [0, 0, 5, 0], count: 1) == [2])
    // What looked second-best at first adds nothing beside the best.
    #expect(Representatives.ofAll(features, weights: [9, 8, 1, 1], count: 3) == [1, 2, 3])
    #expect(Representatives.ofAll(features, weights: [1, 1, 1, 1], count: 9) == [0, 1, 2, 3])
  }
}
