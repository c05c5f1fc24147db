import Foundation
import Networks
import Tensors
import Testing

@Suite struct GridPoolingTests {
  /// Not a multiple of the kernel's blocks.
  private let rows = 7
  private let columns = 21

  private func pooled(_ x: Tensor) -> [Float] {
    var (sharp, pooled) = (Tensor(shape: [x.shape[1]]), Tensor(shape: [x.shape[1]]))
    GridPooling.forward(x.rows, sharp: sharp.mutablePointer, into: pooled.mutablePointer)
    return pooled.values
  }

  @Test func itIsHalfwayFromTheMeanToTheLargest() {
    var random = Optional(RandomGenerator(seed: 1))
    let x = Tensor(shape: [rows, columns], normal: 3, using: &random)
    for (column, found) in pooled(x).enumerated() {
      let values = (0..<rows).map { Double(x.values[$0 * columns + column]) }
      let mean = values.reduce(0, +) / Double(rows)
      let sharp = log(values.reduce(0) { $0 + exp(2 * $1) } / Double(rows)) / 2
      #expect(abs(Double(found) - (mean + sharp) / 2) < 1e-5)
    }
    // Large numbers do not overflow; of one cell it is the cell's.
    let large = Tensor(shape: [2, 1], values: [300, 100])
    #expect(abs(pooled(large)[0] - (200 + 300 - log(2) / 2) / 2) < 1e-2)
    #expect(abs(pooled(Tensor(shape: [1, 1], values: [-5]))[0] + 5) < 1e-5)
  }

  @Test func theGradientMatchesFiniteDifferences() {
    var random = Optional(RandomGenerator(seed: 2))
    let x = Tensor(shape: [rows, columns], normal: 1, using: &random)
    let weights = Tensor(shape: [columns], normal: 1, using: &random)
    func loss(_ x: Tensor) -> Double { zip(pooled(x), weights.values).reduce(0) { $0 + Double($1.0 * $1.1) } }
    var (sharp, out) = (Tensor(shape: [columns]), Tensor(shape: [columns]))
    var gradient = x
    GridPooling.forward(x.rows, sharp: sharp.mutablePointer, into: out.mutablePointer)
    GridPooling.backward(gradient.mutableRows, sharp: sharp.pointer, gradient: weights.pointer)
    for index in stride(from: 0, to: x.count, by: 5) {
      func moved(_ by: Float) -> Double {
        var copy = x
        copy.mutablePointer[index] += by
        return loss(copy)
      }
      let expected = (moved(1e-2) - moved(-1e-2)) / 2e-2
      #expect(abs(expected - Double(gradient.values[index])) < 1e-3)
    }
  }
}
