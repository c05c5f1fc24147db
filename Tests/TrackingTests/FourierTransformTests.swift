import Foundation
import Testing
import Tracking

struct FourierTransformTests {
  private static func values(_ count: Int, _ seed: Int) -> [Float] {
    (0..<count).map { Float(($0 * 7919 + seed) % 101) / 50 - 1 }
  }

  @Test("A transform is the sum of waves that defines it, rows for columns", arguments: [2, 4, 16])
  func definition(side: Int) {
    let (real, imaginary) = (Self.values(side * side, 3), Self.values(side * side, 40))
    var (x, y) = (real, imaginary)
    FourierTransform(side: side).forward(&x, &y)
    for (down, across) in [(0, 0), (1, 0), (0, 1), (side - 1, side / 2)] {
      var (a, b) = (0.0, 0.0)
      for row in 0..<side {
        for column in 0..<side {
          let angle = -2 * Double.pi * Double(down * row + across * column) / Double(side)
          let (p, q) = (Double(real[row * side + column]), Double(imaginary[row * side + column]))
          a += p * cos(angle) - q * sin(angle)
          b += p * sin(angle) + q * cos(angle)
        }
      }
      #expect(abs(Double(x[across * side + down]) - a) < 1e-3)
      #expect(abs(Double(y[across * side + down]) - b) < 1e-3)
    }
  }

  @Test func thereAndBack() {
    let (real, imaginary) = (Self.values(64 * 64, 5), Self.values(64 * 64, 11))
    var (x, y) = (real, imaginary)
    let transform = FourierTransform(side: 64)
    transform.forward(&x, &y)
    transform.inverse(&x, &y)
    #expect(zip(x, real).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(zip(y, imaginary).allSatisfy { abs($0 - $1) < 1e-5 })
  }
}
