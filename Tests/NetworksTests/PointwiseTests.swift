import Foundation
import Networks
import Tensors
import Testing

@Suite struct PointwiseTests {
  @Test func dropoutKeepsItsShareAndItsMean() {
    for rate in [Float(0.1), 0.3, 0.5, 0.9] {
      var x = Tensor(shape: [200_000])
      x.fill(1)
      dropout(x.mutableRows, rate: rate, seed: 12)
      let kept = x.values.filter { $0 != 0 }
      #expect(abs(Float(kept.count) / Float(x.count) - (1 - rate)) < 0.005)
      #expect(kept.allSatisfy { abs($0 - 1 / (1 - rate)) < 1e-5 })
    }
  }

  @Test func theBackwardMaskIsTheForwardMask() {
    var (x, gradient) = (Tensor(shape: [5000]), Tensor(shape: [5000]))
    x.fill(2)
    gradient.fill(3)
    dropout(x.mutableRows, rate: 0.4, seed: 99)
    dropout(gradient.mutableRows, rate: 0.4, seed: 99)
    for (a, b) in zip(x.values, gradient.values) { #expect((a == 0) == (b == 0)) }
    var other = Tensor(shape: [5000])
    other.fill(2)
    dropout(other.mutableRows, rate: 0.4, seed: 100)
    #expect(other != x)
  }

  @Test func logSoftmaxAddsUpToOne() {
    var random = Optional(RandomGenerator(seed: 4))
    var x = Tensor(shape: [3, 2538], normal: 20, using: &random)
    let logits = x
    logSoftmax(x.mutableRows)
    for row in 0..<3 {
      let scores = x.values[row * 2538..<(row + 1) * 2538]
      let sum = scores.reduce(0.0) { $0 + exp(Double($1)) }
      #expect(abs(sum - 1) < 1e-4)
      let shift = logits.values[row * 2538] - x.values[row * 2538]
      for (a, b) in zip(logits.values[row * 2538..<(row + 1) * 2538], scores) {
        #expect(abs(a - b - shift) < 1e-4)
      }
    }
  }

  @Test func drawsGoByTheProbabilities() {
    var random = Optional(RandomGenerator(seed: 5))
    var logits = Tensor(shape: [5701], normal: 2, using: &random)
    for index in [0, 1, 3] + Array(5600..<5701) { logits.mutablePointer[index] = -.infinity }
    let powers = logits.values.map { exp(Double($0)) }
    let total = powers.reduce(0, +)
    for uniform in [0, 0x1p-24, 0.1, 0.25, 0.5, 0.77, 0.99, 1 - 0x1p-24] as [Float] {
      var copy = logits
      let drawn = draw(copy.mutableRows, uniform: uniform)
      let before = powers[..<drawn.index].reduce(0, +) / total
      #expect(powers[drawn.index] > 0)
      #expect(before <= Double(uniform) + 1e-6)
      #expect(before + powers[drawn.index] / total >= Double(uniform) - 1e-6)
      #expect(abs(Double(drawn.logProbability) - log(powers[drawn.index] / total)) < 1e-5)
    }
    var pair = Tensor(shape: [3], values: [-.infinity, 0, -.infinity])
    #expect(draw(pair.mutableRows, uniform: 1 - 0x1p-24).index == 1)
  }

  @Test func extremeLogitsStayFinite() {
    var x = Tensor(shape: [1, 4], values: [1e4, -1e4, 0, 1e4])
    logSoftmax(x.mutableRows)
    #expect(x.values.allSatisfy { $0.isFinite })
    #expect(abs(x.values[0] - Float(log(0.5))) < 1e-5)
  }
}
