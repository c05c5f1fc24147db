import Compute
import Foundation
import Models
import Narration
import Tensors

extension FeatureSpace {
  /// The principal components of features, by orthogonal iteration.
  /// - Parameters:
  ///   - features: [pictures][channels]; more pictures than components
  ///   - count: of components
  package init(of features: [[Float]], count: Int) {
    precondition(features.count > count && count > 0)
    let (pictures, channels) = (features.count, features[0].count)
    var mean = Tensor(shape: [channels])
    let sum = mean.mutablePointer
    for picture in features {
      for channel in 0..<channels { sum[channel] += picture[channel] / Float(pictures) }
    }
    let centered = Tensor(
      shape: [pictures, channels], values: features.flatMap { zip($0, mean.values).map { $0 - $1 } })
    let (basis, along) = Self.principalAxes(of: centered, count: count, iterations: 30)
    let deviations = (0..<count).map { component in
      let squares = (0..<pictures).reduce(0.0) {
        $0 + Double(along.pointer[$1 * count + component] * along.pointer[$1 * count + component])
      }
      return max(1e-6, Float((squares / Double(pictures)).squareRoot()))
    }
    self.init(mean: mean, components: basis, deviations: Tensor(shape: [count], values: deviations))
  }

  /// The directions in which rows are longest, by orthogonal iteration, and the rows along them.
  /// - Parameter rows: [rows, columns]
  /// - Returns: orthonormal axes, the longest first, [count, columns]; the rows' parts, [rows, count]
  static func principalAxes(of rows: Tensor, count: Int, iterations: Int) -> (axes: Tensor, parts: Tensor) {
    let (height, width) = (rows.shape[0], rows.shape[1])
    var random = Optional(RandomGenerator(seed: 1))
    var axes = Tensor(shape: [count, width], normal: 1, using: &random)
    var parts = Tensor(shape: [height, count])
    func project() {
      orthonormalize(&axes)
      multiply(rows.rows, axes.rows, into: parts.mutableRows, transposeB: true)
    }
    for _ in 0..<iterations {
      project()
      multiply(parts.rows, rows.rows, into: axes.mutableRows, transposeA: true)
    }
    project()
    return (axes, parts)
  }

  /// Gram and Schmidt, by rows, again for a row of which little was left: rounding makes that unlike what it should be (Giraud et
  /// al. 2005). A row of which nothing is left becomes 0.
  private static func orthonormalize(_ basis: inout Tensor) {
    let (count, length) = (basis.shape[0], basis.shape[1])
    let rows = basis.mutablePointer
    for row in 0..<count {
      let mine = rows + row * length
      var left = normalize(mine, count: length)
      for _ in 0..<4 where left > 0 {
        for earlier in 0..<row {
          let other = rows + earlier * length
          let along = product(mine, other, count: length)
          for i in 0..<length { mine[i] -= along * other[i] }
        }
        left = normalize(mine, count: length)
        if left > 0.5 { break }
      }
      if left < 0.5 { mine.update(repeating: 0, count: length) }
    }
  }

  /// - Returns: the length before
  private static func normalize(_ row: UnsafeMutablePointer<Float>, count: Int) -> Float {
    let norm = product(row, row, count: count).squareRoot()
    guard norm > 0 else { return 0 }
    for i in 0..<count { row[i] /= norm }
    return norm
  }

  private static func product(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int
  ) -> Float {
    var (sums, index) = (SIMD16<Float>(), 0)
    while index + 16 <= count {
      let left = UnsafeRawPointer(a + index).loadUnaligned(as: SIMD16<Float>.self)
      sums += left * UnsafeRawPointer(b + index).loadUnaligned(as: SIMD16<Float>.self)
      index += 16
    }
    var sum = sums.sum()
    while index < count {
      sum += a[index] * b[index]
      index += 1
    }
    return sum
  }
}
