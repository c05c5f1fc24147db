/// Chooses what stands for many by how alike they are.
package enum Representatives {
  /// The cosine of two vectors of length 1.
  package static func similarity(_ a: [Float], _ b: [Float]) -> Float {
    var sum: Float = 0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
  }

  /// The vector with length 1; zeros stay zero.
  package static func normalized(_ vector: [Float]) -> [Float] {
    let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? vector.map { $0 / length } : vector
  }

  /// Those of a shot: first the one most like all others and good as a picture, then those that are unlike all chosen.
  /// - Parameters:
  ///   - features: of length 1
  ///   - quality: 0 to 1 each
  ///   - alike: similarity from which on another one tells nothing new
  /// - Returns: indices in the order of choice, at least one, with their scores: mean similarity to all times quality
  package static func ofShot(
    _ features: [[Float]], quality: [Float], limit: Int, alike: Float
  ) -> [(index: Int, score: Float)] {
    let scores = features.indices.map { a in
      features.reduce(0) { $0 + max(0, similarity(features[a], $1)) } / Float(features.count)
        * (0.3 + quality[a])
    }
    var chosen: [Int] = []
    while chosen.count < limit {
      let open = features.indices.filter { a in
        chosen.allSatisfy { $0 != a && similarity(features[a], features[$0]) < alike }
      }
      guard let best = open.max(by: { (scores[$0], -$0) < (scores[$1], -$1) }) else { break }
      chosen.append(best)
    }
    return chosen.map { ($0, scores[$0]) }
  }

  /// A given number that stand for all, by facility location: each next one adds most to the similarity of everything to its
  /// nearest representative (greedy, within 1 - 1/e of the best; Nemhauser et al. 1978). What a candidate adds can only fall, so
  /// that most need not be looked at again (Minoux 1978).
  /// - Parameters:
  ///   - features: of length 1
  ///   - weights: how much each counts
  /// - Returns: indices, ascending
  package static func ofAll(_ features: [[Float]], weights: [Float], count: Int) -> [Int] {
    var nearest = [Float](repeating: 0, count: features.count)
    var gains = [Float](repeating: .infinity, count: features.count)
    var chosen: [Int] = []
    while chosen.count < min(count, features.count) {
      var isCurrent = [Bool](repeating: false, count: features.count)
      while let best = gains.indices.max(by: { (gains[$0], -$0) < (gains[$1], -$1) }) {
        if isCurrent[best] {
          chosen.append(best)
          gains[best] = -.infinity
          for other in features.indices {
            nearest[other] = max(nearest[other], similarity(features[best], features[other]))
          }
          break
        }
        isCurrent[best] = true
        gains[best] = features.indices.reduce(0) {
          $0 + weights[$1] * max(0, similarity(features[best], features[$1]) - nearest[$1])
        }
      }
    }
    return chosen.sorted()
  }
}
