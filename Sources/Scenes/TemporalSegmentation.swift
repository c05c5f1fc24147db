import Foundation

/// Parts a sequence where what it shows changes, without a sharp boundary: kernel temporal segmentation (Potapov et al. 2014,
/// "Category-specific video summarization"), with the cosine as kernel.
package enum TemporalSegmentation {
  /// The parts whose members are most alike, in the number that pays: the sum of the scatters within the parts plus
  /// `penalty` · m · (ln(n / m) + 1) for m changes among n members is least, found by dynamic programming over all ways to
  /// part them, in O(n³).
  /// - Parameters:
  ///   - features: of length 1, in order of time
  ///   - shortest: members of a part, at least
  /// - Returns: ranges of indices, in order, that cover all
  package static func parts(of features: [[Float]], penalty: Float, shortest: Int) -> [Range<Int>] {
    let count = features.count
    guard count >= 2 * shortest, shortest > 0 else { return count > 0 ? [0..<count] : [] }
    let scatter = Scatter(features)
    // least[m][end]: the first `end` members in m + 1 parts; began[m][end]: where the last of these parts begins.
    let most = count / shortest
    var least = [[Float]](repeating: [Float](repeating: .infinity, count: count + 1), count: most)
    var began = [[Int]](repeating: [Int](repeating: 0, count: count + 1), count: most)
    for end in shortest...count { least[0][end] = scatter.of(0..<end) }
    for changes in 1..<most {
      for end in (changes + 1) * shortest...count {
        for start in changes * shortest...end - shortest {
          let sum = least[changes - 1][start] + scatter.of(start..<end)
          if sum < least[changes][end] { (least[changes][end], began[changes][end]) = (sum, start) }
        }
      }
    }
    func cost(_ changes: Int) -> Float {
      guard changes > 0 else { return least[0][count] }
      return least[changes][count] + penalty * Float(changes) * (log(Float(count) / Float(changes)) + 1)
    }
    var changes = (0..<most).min { cost($0) < cost($1) } ?? 0
    var parts: [Range<Int>] = []
    var end = count
    while changes > 0 {
      parts.append(began[changes][end]..<end)
      (end, changes) = (began[changes][end], changes - 1)
    }
    parts.append(0..<end)
    return parts.reversed()
  }

  /// How unlike the members of a range are: the sum of the squared distances to their mean.
  private struct Scatter {
    /// Of all pairs before a row and a column.
    private let sums: [Float]
    private let diagonal: [Float]
    private let stride: Int

    init(_ features: [[Float]]) {
      let count = features.count
      stride = count + 1
      var sums = [Float](repeating: 0, count: stride * stride)
      var diagonal = [Float](repeating: 0, count: stride)
      for row in 0..<count {
        var sum: Float = 0
        for column in 0..<count {
          let kernel = Representatives.similarity(features[row], features[column])
          sum += kernel
          sums[(row + 1) * stride + column + 1] = sums[row * stride + column + 1] + sum
          if row == column { diagonal[row + 1] = diagonal[row] + kernel }
        }
      }
      (self.sums, self.diagonal) = (sums, diagonal)
    }

    func of(_ range: Range<Int>) -> Float {
      let (a, b) = (range.lowerBound, range.upperBound)
      let pairs = sums[b * stride + b] - sums[a * stride + b] - sums[b * stride + a] + sums[a * stride + a]
      return max(0, diagonal[b] - diagonal[a] - pairs / Float(range.count))
    }
  }
}
