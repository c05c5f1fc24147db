import Foundation

/// The choice among a beam's captions that is expected to agree best with what people write, if they write what the network
/// thinks probable: minimum Bayes risk (Kumar and Byrne 2004).
package enum Consensus {
  /// Longest n-grams compared.
  private static let longest = 4
  /// As in CIDEr-D.
  private static let sigma = 6.0

  /// - Parameters:
  ///   - captions: [captions][words]
  ///   - scores: of each, its log-probability by its length
  ///   - temperature: of the scores; the higher, the more the improbable ones count.
  /// - Returns: indices of the captions, from the highest expected similarity to all of them on.
  package static func order(_ captions: [[Int32]], scores: [Float], temperature: Float) -> [Int] {
    precondition(captions.count == scores.count && temperature > 0)
    let counted = captions.map(Counts.init)
    let peak = scores.max() ?? 0
    let weights = scores.map { Double(exp(($0 - peak) / temperature)) }
    let expected = counted.map { caption in
      zip(counted, weights).reduce(0.0) { $0 + $1.1 * similarity(caption, $1.0) }
    }
    return captions.indices.sorted { (-expected[$0], $0) < (-expected[$1], $1) }
  }

  /// CIDEr-D with all n-grams of the same weight: the mean cosine over n = 1…4, clipped and less for other lengths; 0…1.
  package static func similarity(_ a: [Int32], _ b: [Int32]) -> Double {
    similarity(Counts(a), Counts(b))
  }

  private static func similarity(_ a: Counts, _ b: Counts) -> Double {
    var sum = 0.0
    for n in 0..<longest where a.norms[n] > 0 && b.norms[n] > 0 {
      let shared = a.grams[n].reduce(0.0) { total, gram in
        let other = Double(b.grams[n][gram.key] ?? 0)
        return total + min(Double(gram.value), other) * other
      }
      sum += shared / (a.norms[n] * b.norms[n])
    }
    let difference = Double(a.length - b.length)
    return sum / Double(longest) * exp(-difference * difference / (2 * sigma * sigma))
  }

  /// How often each n-gram occurs.
  private struct Counts {
    /// [n - 1]
    var grams = [[ArraySlice<Int32>: Int]](repeating: [:], count: Consensus.longest)
    /// Euclidean, [n - 1]
    let norms: [Double]
    let length: Int

    init(_ words: [Int32]) {
      length = words.count
      for start in words.indices {
        for end in start + 1..<min(start + Consensus.longest, words.count) + 1 {
          grams[end - start - 1][words[start..<end], default: 0] += 1
        }
      }
      norms = grams.map { counts in
        counts.values.reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
      }
    }
  }
}
