import Compute
import Tensors
import Testing

@Suite struct ByteMatrixTests {
  /// Outputs in groups with a rest, inputs in fours with a rest, rows in sixes and threes with a rest: all kernels sum the same whole
  /// numbers, whose products are near those of the weights.
  @Test(arguments: [1, 2, 3, 4, 6, 11], [(7, 48), (64, 33), (150, 7), (1, 100), (16, 1)])
  func everyKernelGivesTheSameBits(rows: Int, size: (outputs: Int, inputs: Int)) {
    var random = Optional(RandomGenerator(seed: 8))
    let (outputs, inputs) = size
    let half = HalfMatrix(Tensor(shape: [outputs, inputs], normal: 1, using: &random))
    let matrix = ByteMatrix(half)
    let x = Tensor(shape: [rows, inputs], normal: 1, using: &random)
    let bias = Tensor(shape: [outputs], normal: 1, using: &random)
    var exact = Tensor(shape: [rows, outputs])
    half.multiply(x.rows, bias: bias, into: exact.mutableRows)
    var plain = Tensor(shape: [rows, outputs])
    matrix.multiply(x.rows, bias: bias, into: plain.mutableRows, kernel: .portable)
    // A row's values are rounded to 1/255 of their range, some 6, and weights to 1/127 of 3.
    let error = Float(inputs).squareRoot() * 0.05
    for (value, wanted) in zip(plain.values, exact.values) { #expect(abs(value - wanted) < error) }
    for kernel in ByteMatrix.Kernel.allCases where kernel.isSupported {
      var y = Tensor(shape: [rows, outputs])
      matrix.multiply(x.rows, bias: bias, into: y.mutableRows, kernel: kernel)
      #expect(y.values == plain.values, "\(kernel)")
      y.fill(2)
      matrix.multiply(x.rows, into: y.mutableRows, adding: true, kernel: kernel)
      for (index, value) in y.values.enumerated() {
        #expect(abs(value - 2 - plain.values[index] + bias.values[index % outputs]) < 1e-4)
      }
    }
  }

  /// A sentence must not depend on how many others are searched beside it, nor on the threads.
  @Test(arguments: [1, 2, 3]) func aRowHasTheSameBitsAmongAnyOthers(threads: Int) {
    var random = Optional(RandomGenerator(seed: 9))
    let matrix = ByteMatrix(HalfMatrix(Tensor(shape: [1001, 512], normal: 0.03, using: &random)))
    let x = Tensor(shape: [8, 512], normal: 1, using: &random)
    var together = Tensor(shape: [8, 1001])
    ThreadTeam(threads).run { matrix.multiply(x.rows, into: together.mutableRows) }
    for row in 0..<8 {
      var alone = Tensor(shape: [1, 1001])
      matrix.multiply(x.rows[row..<row + 1], into: alone.mutableRows)
      #expect(alone.values == Array(together.values[row * 1001..<(row + 1) * 1001]))
    }
  }

  /// Whole numbers that need no rounding: the largest of each row and of each output's weights is 127 or 255.
  @Test func wholeNumbersAreExact() {
    let weights: [Float] = [127, -3, 5, 0, -127, 1, 2, 3]
    let matrix = ByteMatrix(HalfMatrix(Tensor(shape: [2, 4], values: weights)))
    let x = Tensor(shape: [2, 4], values: [255, 7, 0, 1, -100, 155, 3, 0])
    var y = Tensor(shape: [2, 2])
    matrix.multiply(x.rows, into: y.mutableRows)
    #expect(y.values == [32364, -32375, -13150, 12861])
  }

  /// A model whose weights are no numbers is refused by what it scores.
  @Test(arguments: [Float.nan, .infinity, -.infinity]) func whatIsNoNumberStaysNone(value: Float) {
    let whole = ByteMatrix(HalfMatrix(Tensor(shape: [2, 3], values: [1, 2, 3, 4, 5, 6])))
    let broken = ByteMatrix(HalfMatrix(Tensor(shape: [2, 3], values: [1, 2, 3, 4, value, 6])))
    for kernel in ByteMatrix.Kernel.allCases where kernel.isSupported {
      var y = Tensor(shape: [2, 2])
      whole.multiply(
        Tensor(shape: [2, 3], values: [1, 1, 1, 1, value, 1]).rows, into: y.mutableRows, kernel: kernel)
      #expect(y.values[0..<2].allSatisfy(\.isFinite) && y.values[2..<4].allSatisfy(\.isNaN))
      broken.multiply(
        Tensor(shape: [2, 3], values: [1, 1, 1, 1, 0, 1]).rows, into: y.mutableRows, kernel: kernel)
      #expect(y.values[0].isFinite && y.values[1].isNaN && y.values[2].isFinite && y.values[3].isNaN)
    }
  }

  @Test func zerosStayZero() {
    let matrix = ByteMatrix(HalfMatrix(Tensor(shape: [3, 5])))
    var y = Tensor(shape: [2, 3])
    y.fill(1)
    matrix.multiply(Tensor(shape: [2, 5]).rows, into: y.mutableRows)
    #expect(y.values.allSatisfy { $0 == 0 })
  }
}
