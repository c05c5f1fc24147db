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
      a.pointer, b.pointer, into: c.mutablePointer, rows: rows, columns: columns, inner: inner,
      transposeA: transposeA, transposeB: transposeB)
    let expected = reference(a, b, transposeA: transposeA, transposeB: transposeB)
    for (x, y) in zip(c.values, expected) { #expect(abs(x - y) < 1e-4) }
    multiply(
      a.pointer, b.pointer, into: c.mutablePointer, rows: rows, columns: columns, inner: inner,
      transposeA: transposeA, transposeB: transposeB, adding: true)
    for (x, y) in zip(c.values, expected) { #expect(abs(x - 2 * y) < 2e-4) }
  }

  @Test func nothingIsAskedOfEmptyMatrices() {
    var c = Tensor(shape: [0, 3])
    let empty = Tensor(shape: [0, 4])
    multiply(empty.pointer, empty.pointer, into: c.mutablePointer, rows: 0, columns: 3, inner: 4)
  }

  @Test(arguments: [1, 3, 81])
  func packedMatrixIsTheSameProduct(rows: Int) throws {
    var random = Optional(RandomGenerator(seed: 2))
    let weight = Tensor(shape: [70, 48], normal: 1, using: &random)
    let packed = try PackedMatrix(weight, rows: rows, Engine())
    for _ in 0..<2 {
      let x = Tensor(shape: [rows, 48], normal: 1, using: &random)
      var y = Tensor(shape: [rows, 70])
      packed.multiply(x.pointer, into: y.mutablePointer)
      let expected = reference(x, weight, transposeA: false, transposeB: true)
      for (found, wanted) in zip(y.values, expected) { #expect(abs(found - wanted) < 1e-4) }
    }
  }

  /// What one picture's decoder multiplies: the result must not depend on how the work is divided.
  @Test func packedMatrixGivesTheSameBitsForAnyNumberOfThreads() throws {
    var random = Optional(RandomGenerator(seed: 3))
    let weight = Tensor(shape: [2048, 1024], normal: 0.03, using: &random)
    let x = Tensor(shape: [3, 1024], normal: 1, using: &random)
    var results: [Tensor] = []
    for threads in [1, 2, 3] {
      setThreadCount(threads)
      var y = Tensor(shape: [3, 2048])
      try PackedMatrix(weight, rows: 3, Engine()).multiply(x.pointer, into: y.mutablePointer)
      results.append(y)
    }
    setThreadCount(1)
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }

  /// Rows in threes with a rest, outputs in blocks with a rest; weights that half precision holds exactly.
  @Test(arguments: [1, 2, 3, 5, 6], [7, 24, 70])
  func halfMatrixIsTheSameProduct(rows: Int, outputs: Int) {
    var random = Optional(RandomGenerator(seed: 4))
    let exact = Tensor(shape: [outputs, 48], normal: 1, using: &random).values.map { Float(Float16($0)) }
    let weight = Tensor(shape: [outputs, 48], values: exact)
    let x = Tensor(shape: [rows, 48], normal: 1, using: &random)
    var y = Tensor(shape: [rows, outputs])
    HalfMatrix(weight).multiply(x.pointer, rows: rows, into: y.mutablePointer)
    let expected = reference(x, weight, transposeA: false, transposeB: true)
    for (found, wanted) in zip(y.values, expected) { #expect(abs(found - wanted) < 1e-4) }
  }

  /// A sentence must not depend on how many others are searched beside it.
  @Test func halfMatrixGivesARowTheSameBitsAmongAnyOthers() {
    var random = Optional(RandomGenerator(seed: 5))
    let matrix = HalfMatrix(Tensor(shape: [100, 512], normal: 0.03, using: &random))
    let x = Tensor(shape: [5, 512], normal: 1, using: &random)
    var together = Tensor(shape: [5, 100])
    matrix.multiply(x.pointer, rows: 5, into: together.mutablePointer)
    for row in 0..<5 {
      var alone = Tensor(shape: [1, 100])
      matrix.multiply(x.pointer + row * 512, rows: 1, into: alone.mutablePointer)
      #expect(alone.values == Array(together.values[row * 100..<(row + 1) * 100]))
    }
  }
}
