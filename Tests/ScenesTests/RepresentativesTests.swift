import Foundation
import Scenes
import Tensors
import Testing

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
