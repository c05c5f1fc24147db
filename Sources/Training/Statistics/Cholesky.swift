import Foundation

/// The lower triangular factor of a symmetric positive definite matrix A = L Lᵀ.
package struct Cholesky {
  private let count: Int
  /// Row after row, [count, count]; above the diagonal is nothing of meaning.
  private var lower: [Double]

  /// - Parameter matrix: its lower triangle, [count, count]
  package init(_ matrix: [Double], count: Int) {
    precondition(matrix.count == count * count)
    (self.count, lower) = (count, matrix)
    lower.withUnsafeMutableBufferPointer { lower in
      for i in 0..<count {
        for j in 0...i {
          let sum = lower[i * count + j] - Self.product(lower, i * count, j * count, count: j)
          lower[i * count + j] = i == j ? max(sum, 1e-12).squareRoot() : sum / lower[j * count + j]
        }
      }
    }
  }

  /// Solves A X = B.
  /// - Parameter right: B, [count, columns]; becomes X.
  package func solve(_ right: inout [Double], columns: Int) {
    precondition(right.count == count * columns)
    // So many columns at once stay in the cache.
    let width = 64
    var block = [Double](repeating: 0, count: count * width)
    for first in stride(from: 0, to: columns, by: width) {
      let here = min(width, columns - first)
      for row in 0..<count {
        for column in 0..<here { block[row * width + column] = right[row * columns + first + column] }
      }
      block.withUnsafeMutableBufferPointer { block in
        lower.withUnsafeBufferPointer { lower in
          for i in 0..<count {
            for j in 0..<i { Self.subtract(lower[i * count + j], block, j * width, i * width, width) }
            Self.divide(block, i * width, width, by: lower[i * count + i])
          }
          for i in (0..<count).reversed() {
            for j in i + 1..<max(count, i + 1) {
              Self.subtract(lower[j * count + i], block, j * width, i * width, width)
            }
            Self.divide(block, i * width, width, by: lower[i * count + i])
          }
        }
      }
      for row in 0..<count {
        for column in 0..<here { right[row * columns + first + column] = block[row * width + column] }
      }
    }
  }

  @inline(__always)
  private static func product(
    _ values: UnsafeMutableBufferPointer<Double>, _ a: Int, _ b: Int, count: Int
  ) -> Double {
    guard let base = values.baseAddress else { return 0 }
    var (sums, index) = (SIMD8<Double>(), 0)
    while index + 8 <= count {
      let left = UnsafeRawPointer(base + a + index).loadUnaligned(as: SIMD8<Double>.self)
      sums += left * UnsafeRawPointer(base + b + index).loadUnaligned(as: SIMD8<Double>.self)
      index += 8
    }
    var sum = sums.sum()
    while index < count {
      sum += base[a + index] * base[b + index]
      index += 1
    }
    return sum
  }

  @inline(__always)
  private static func subtract(
    _ factor: Double, _ values: UnsafeMutableBufferPointer<Double>, _ from: Int, _ to: Int, _ width: Int
  ) {
    guard let base = values.baseAddress else { return }
    for column in 0..<width { base[to + column] -= factor * base[from + column] }
  }

  @inline(__always)
  private static func divide(
    _ values: UnsafeMutableBufferPointer<Double>, _ row: Int, _ width: Int, by divisor: Double
  ) {
    for column in 0..<width { values[row + column] /= divisor }
  }
}
