import CKernels
import Compute
import Foundation
import Tensors
import Testing

@Suite struct PackedMatrixTests {
  private static func matrices(_ rows: Int, _ inputs: Int, _ outputs: Int) -> (
    x: Tensor, w: Tensor, b: Tensor
  ) {
    var random: RandomGenerator? = RandomGenerator(seed: 3)
    return (
      Tensor(shape: [rows, inputs], normal: 1, using: &random),
      Tensor(shape: [outputs, inputs], normal: 0.1, using: &random),
      Tensor(shape: [outputs], normal: 1, using: &random)
    )
  }

  private static func product(_ x: Tensor, _ w: Tensor, _ b: Tensor) -> [Float] {
    let (rows, inputs, outputs) = (x.shape[0], x.shape[1], w.shape[0])
    let (x, w, b) = (x.values, w.values, b.values)
    return (0..<rows * outputs).map { place in
      let (row, output) = (place / outputs, place % outputs)
      return (0..<inputs).reduce(b[output]) { $0 + x[row * inputs + $1] * w[output * inputs + $1] }
    }
  }

  /// Few rows and many, odd sizes, on one thread and on two.
  @Test(arguments: [(1, 24, 64), (3, 768, 100), (200, 96, 33), (65, 17, 5)])
  func productsAreThoseOfTheWeights(rows: Int, inputs: Int, outputs: Int) throws {
    let (x, w, b) = Self.matrices(rows, inputs, outputs)
    let half = HalfMatrix(w)
    let expected = Self.product(x, w, b)
    let scale = expected.map(abs).max() ?? 1
    let forms: [(name: String, tolerance: Float, multiply: (MutableRows) -> Void)] =
      [
        ("half", 1e-3, { half.multiply(x.rows, bias: b, into: $0) })
      ]
      + (try [(PackedMatrix.Numbers.bfloat16, Float(0.01)), (.bytes, 0.02)].map { numbers, tolerance in
        let packed = try PackedMatrix(half, in: numbers, Engine())
        return ("\(numbers)", tolerance, { packed.multiply(x.rows, bias: b, into: $0) })
      })
    for form in forms {
      var results: [[Float]] = []
      for threads in [1, 2] {
        var y = Tensor(shape: [rows, outputs])
        ThreadTeam(threads).run { form.multiply(y.mutableRows) }
        let worst = zip(y.values, expected).map { $0.isNaN ? .infinity : abs($0 - $1) }.max() ?? .infinity
        #expect(worst <= form.tolerance * scale, "\(form.name), \(threads) threads: \(worst) of \(scale)")
        results.append(y.values)
      }
      #expect(results[0] == results[1], "\(form.name)")
    }
  }

  /// Many rows are multiplied in another way than few, and added to what is there.
  @Test func manyRowsAreAdded() {
    let (x, w, _) = Self.matrices(200, 40, 50)
    let half = HalfMatrix(w)
    var (once, twice) = (Tensor(shape: [200, 50]), Tensor(shape: [200, 50]))
    half.multiply(x.rows, into: once.mutableRows)
    half.multiply(x.rows, into: twice.mutableRows)
    half.multiply(x.rows, into: twice.mutableRows, adding: true)
    #expect(zip(once.values, twice.values).allSatisfy { abs(2 * $0 - $1) < 1e-4 })
  }

  @Test func elementaryFunctionsAreThemselves() {
    let points = stride(from: Float(-12), through: 12, by: 0.01).map { $0 }
    var (gelu, quick) = (points, points)
    narrate_gelu(&gelu, points.count)
    narrate_quick_gelu(&quick, points.count)
    for (index, x) in points.map(Double.init).enumerated() {
      #expect(abs(Double(gelu[index]) - x * 0.5 * erfc(-x / 2.0.squareRoot())) < 1e-6 * max(1, abs(x)))
      #expect(abs(Double(quick[index]) - x / (1 + exp(-1.702 * x))) < 1e-6 * max(1, abs(x)))
    }
    var rows: [Float] = [1, 2, 3, -4, 0, 4]
    narrate_softmax(&rows, 2, 3, 0.5)
    #expect(abs(rows[0] / rows[2] - exp(-1)) < 1e-6 && abs(rows[3] / rows[5] - exp(-4)) < 1e-6)
    #expect(abs(rows[3] + rows[4] + rows[5] - 1) < 1e-6)
    var halves = [UInt16](repeating: 0, count: 4)
    narrate_float_to_bfloat([1, -2.5, .infinity, .nan], &halves, 4)
    #expect(halves[0] == 0x3F80 && halves[1] == 0xC020 && halves[2] == 0x7F80 && halves[3] & 0x7FFF > 0x7F80)
  }
}
