import Compute
import Tensors
import Testing

/// C = A B by the definition, in double precision.
private func reference(_ a: Tensor, _ b: Tensor, transposeA: Bool, transposeB: Bool) -> [Float] {
  let (rows, inner) = transposeA ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
  let columns = transposeB ? b.shape[0] : b.shape[1]
  let (x, y) = (a.values, b.values)
  var result: [Float] = []
  for i in 0..<rows {
    for j in 0..<columns {
      var sum = 0.0
      for k in 0..<inner {
        sum +=
          Double(transposeA ? x[k * rows + i] : x[i * inner + k])
          * Double(transposeB ? y[j * inner + k] : y[k * columns + j])
      }
      result.append(Float(sum))
    }
  }
  return result
}

@Suite struct ProductTests {
  @Test(arguments: [false, true], [false, true])
  func everyTransposition(transposeA: Bool, transposeB: Bool) {
    var random = Optional(RandomGenerator(seed: 1))
    let (rows, inner, columns) = (5, 33, 19)
    let a = Tensor(shape: transposeA ? [inner, rows] : [rows, inner], normal: 1, using: &random)
    let b = Tensor(shape: transposeB ? [columns, inner] : [inner, columns], normal: 1, using: &random)
    var c = Tensor(shape: [rows, columns])
    multiply(
      a.rows, b.rows, into: c.mutableRows, transposeA: transposeA, transposeB: transposeB)
    let expected = reference(a, b, transposeA: transposeA, transposeB: transposeB)
    for (x, y) in zip(c.values, expected) { #expect(abs(x - y) < 1e-4) }
    multiply(
      a.rows, b.rows, into: c.mutableRows, transposeA: transposeA, transposeB: transposeB, adding: true)
    for (x, y) in zip(c.values, expected) { #expect(abs(x - 2 * y) < 2e-4) }
  }

  @Test func nothingIsAskedOfEmptyMatrices() {
    var c = Tensor(shape: [4, 4])
    c.fill(7)
    let (factor, memory) = (Tensor(shape: [4, 3], values: (0..<12).map { Float($0) }), c.mutableRows)
    let noRow = MutableRows(memory.base, rows: 0, columns: 3)
    multiply(Rows(memory.base, rows: 0, columns: 4), factor.rows, into: noRow)
    let noColumn = MutableRows(memory.base, rows: 3, columns: 0, stride: 4)
    let none = Rows(memory.base, rows: 4, columns: 0, stride: 4)
    multiply(factor.rows, none, into: noColumn, transposeA: true, adding: true)
    #expect(c.values.allSatisfy { $0 == 7 })
  }

  /// Rows in threes with a rest, outputs in groups with a rest, inputs in lines and vectors with a rest; weights that half
  /// precision holds exactly.
  @Test(arguments: [1, 2, 3, 5, 6, 81], [(7, 48), (24, 33), (70, 7), (1, 100)])
  func halfMatrixIsTheSameProduct(rows: Int, size: (outputs: Int, inputs: Int)) {
    var random = Optional(RandomGenerator(seed: 4))
    let (outputs, inputs) = size
    let exact = Tensor(shape: [outputs, inputs], normal: 1, using: &random).values.map { Float(Float16($0)) }
    let weight = Tensor(shape: [outputs, inputs], values: exact)
    let x = Tensor(shape: [rows, inputs], normal: 1, using: &random)
    let bias = Tensor(shape: [outputs], normal: 1, using: &random)
    var (y, sum) = (Tensor(shape: [rows, outputs]), Tensor(shape: [rows, outputs]))
    sum.fill(2)
    HalfMatrix(weight).multiply(x.rows, bias: bias, into: y.mutableRows)
    HalfMatrix(weight).multiply(x.rows, into: sum.mutableRows, adding: true)
    let expected = reference(x, weight, transposeA: false, transposeB: true)
    for (index, wanted) in expected.enumerated() {
      #expect(abs(y.values[index] - bias.values[index % outputs] - wanted) < 1e-4)
      #expect(abs(sum.values[index] - 2 - wanted) < 1e-4)
    }
  }

  @Test func aRowOfAHalfMatrixIsWidened() {
    let matrix = HalfMatrix(Tensor(shape: [2, 3], values: [1, 2, 3, -0.5, 65504, 0]))
    var row = Tensor(shape: [3])
    matrix.copyRow(1, into: row.mutablePointer)
    #expect(row.values == [-0.5, 65504, 0])
  }

  /// A sentence must not depend on how many others are searched beside it, nor on the threads.
  @Test(arguments: [1, 2, 3])
  func halfMatrixGivesARowTheSameBitsAmongAnyOthers(threads: Int) {
    var random = Optional(RandomGenerator(seed: 5))
    let matrix = HalfMatrix(Tensor(shape: [1001, 512], normal: 0.03, using: &random))
    let x = Tensor(shape: [5, 512], normal: 1, using: &random)
    var together = Tensor(shape: [5, 1001])
    ThreadTeam(threads).run { matrix.multiply(x.rows, into: together.mutableRows) }
    for row in 0..<5 {
      var alone = Tensor(shape: [1, 1001])
      matrix.multiply(x.rows[row..<row + 1], into: alone.mutableRows)
      #expect(alone.values == Array(together.values[row * 1001..<(row + 1) * 1001]))
    }
  }
}

/// Products in bfloat16, where the CPU has tiles.
@Suite(.enabled(if: ProductPrecision.hasTiles)) struct TileProductTests {
  /// Numbers that bfloat16 holds exactly, whose sums of products are exact in floats: nothing may differ. Sides with and without
  /// rests, within and beyond what is packed at a time.
  @Test(
    arguments: [0, 1, 2, 3],
    [(1, 1, 1), (5, 33, 19), (64, 520, 48), (300, 17, 530), (17, 32, 1040), (300, 520, 90)])
  func wholeNumbersAreExact(transposed: Int, size: (rows: Int, inner: Int, columns: Int)) {
    let (rows, inner, columns) = size
    let (transposeA, transposeB) = (transposed & 1 != 0, transposed & 2 != 0)
    var random = RandomGenerator(seed: 6)
    func whole(_ shape: [Int]) -> Tensor {
      Tensor(shape: shape, values: (0..<shape[0] * shape[1]).map { _ in Float(random.next() % 17) - 8 })
    }
    let a = whole(transposeA ? [inner, rows] : [rows, inner])
    let b = whole(transposeB ? [columns, inner] : [inner, columns])
    let expected = reference(a, b, transposeA: transposeA, transposeB: transposeB)
    for threads in [1, 3] {
      var c = Tensor(shape: [rows, columns])
      ThreadTeam(threads).run {
        ProductPrecision.bfloat16.run {
          multiply(a.rows, b.rows, into: c.mutableRows, transposeA: transposeA, transposeB: transposeB)
          #expect(c.values == expected)
          multiply(
            a.rows, b.rows, into: c.mutableRows, transposeA: transposeA, transposeB: transposeB, adding: true)
        }
      }
      #expect(c.values == expected.map { 2 * $0 })
    }
  }

  /// Within what rounding both factors to eight bits allows, and nothing beside the columns that were asked for is touched.
  @Test func partsOfMatricesAreRoundedToEightBits() {
    var random = Optional(RandomGenerator(seed: 7))
    let a = Tensor(shape: [40, 100], normal: 1, using: &random)
    let b = Tensor(shape: [70, 100], normal: 1, using: &random)
    var c = Tensor(shape: [40, 90])
    c.fill(7)
    ProductPrecision.bfloat16.run {
      multiply(
        a.rows.columns(20..<100), b.rows.columns(20..<100), into: c.mutableRows.columns(10..<80),
        transposeB: true)
    }
    var error = 0.0
    for i in 0..<40 {
      for j in 0..<90 {
        let value = c.values[i * 90 + j]
        guard j >= 10, j < 80 else {
          #expect(value == 7)
          continue
        }
        let sum = (20..<100).reduce(0.0) {
          $0 + Double(a.values[i * 100 + $1]) * Double(b.values[(j - 10) * 100 + $1])
        }
        error = max(error, abs(Double(value) - sum))
      }
    }
    #expect(error > 1e-4 && error < 0.2)
  }

  @Test func ofNothingComeZeros() {
    var c = Tensor(shape: [3, 9])
    c.fill(7)
    let none = Rows(c.mutableRows.base, rows: 3, columns: 0)
    ProductPrecision.bfloat16.run {
      multiply(none, none, into: c.mutableRows.columns(2..<5), transposeB: true, adding: true)
      #expect(c.values.allSatisfy { $0 == 7 })
      multiply(none, none, into: c.mutableRows.columns(2..<5), transposeB: true)
    }
    #expect(c.values == (0..<27).map { (2..<5).contains($0 % 9) ? 0 : 7 })
  }

  /// Threads that share work multiply as the one does that shares it.
  @Test func onAllThreads() {
    let third = Tensor(shape: [1, 1], values: [1 / 3])
    var products = Tensor(shape: [4, 1])
    nonisolated(unsafe) let rows = products.mutableRows
    ProductPrecision.bfloat16.run {
      share(among: 4) { thread, _ in multiply(third.rows, third.rows, into: rows[thread..<thread + 1]) }
    }
    #expect(Set(products.values).count == 1 && products.values[0] != Float(1) / 3 * (Float(1) / 3))
  }

  @Test func onlyWithinIt() {
    let third = Tensor(shape: [1, 1], values: [1 / 3])
    var (outside, inside) = (Tensor(shape: [1, 1]), Tensor(shape: [1, 1]))
    ProductPrecision.bfloat16.run {
      ProductPrecision.single.run { multiply(third.rows, third.rows, into: outside.mutableRows) }
      multiply(third.rows, third.rows, into: inside.mutableRows)
    }
    let square = Float(1) / 3 * (Float(1) / 3)
    #expect(outside.values == [square] && inside.values != outside.values)
    multiply(third.rows, third.rows, into: inside.mutableRows)
    #expect(inside.values == outside.values)
  }
}
