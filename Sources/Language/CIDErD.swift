import Foundation

/// CIDEr-D (Vedantam et al. 2015) with n = 1…4, σ = 6, as `pycocoevalcap` computes it under the name CIDEr: TF-IDF
/// vectors of n-grams, counts clipped by the reference's, a Gaussian penalty for another length, times 10.
///
/// References are prepared once and scored against often. Document frequencies are those of the references: in how many
/// images' references an n-gram occurs.
package struct CIDErD: Sendable {
  /// Up to four words as their numbers, which start at 1; 0 is no word.
  private struct Gram: Hashable {
    var first: UInt64
    var second: UInt64

    init(_ words: ArraySlice<UInt32>) {
      func word(_ index: Int) -> UInt64 { index < words.count ? UInt64(words[words.startIndex + index]) : 0 }
      first = word(0) << 32 | word(1)
      second = word(2) << 32 | word(3)
    }

    /// Number of words.
    var size: Int {
      if second & 0xffff_ffff != 0 { return 4 }
      if second != 0 { return 3 }
      return first & 0xffff_ffff != 0 ? 2 : 1
    }
  }
  /// A sentence's n-grams with their weights.
  private struct Vector {
    var weights: [Gram: Double] = [:]
    /// Euclidean norm for each n.
    var norms = [0.0, 0, 0, 0]
    /// Number of bigrams: what `pycocoevalcap` takes for the length.
    var length = 0.0
  }

  private var words: [String: UInt32] = [:]
  private var frequencies: [Gram: Double] = [:]
  private var logImages = 0.0
  /// [images][references]
  private var vectors: [[Vector]] = []

  /// - Parameter references: for each image its captions as words.
  package init(references: [[[String]]]) {
    var counts: [[[[Gram: Double]]]] = []
    for image in references {
      counts.append(image.map { sentence in grams(of: sentence.map { intern($0) }) })
    }
    for image in counts {
      for gram in Set(image.flatMap { $0.flatMap(\.keys) }) { frequencies[gram, default: 0] += 1 }
    }
    logImages = log(Double(max(references.count, 1)))
    vectors = counts.map { $0.map(vector) }
  }

  /// The score of each image's candidate.
  /// - Precondition: as many candidates as there are images.
  package func scores(_ candidates: [[String]]) -> [Double] {
    precondition(candidates.count == vectors.count)
    return zip(candidates, vectors).map { candidate, references in
      var unknown: [String: UInt32] = [:]  // in no reference: they match nothing but count for the norm
      let numbers = candidate.map { word -> UInt32 in
        if let number = words[word] ?? unknown[word] { return number }
        unknown[word] = UInt32.max - UInt32(unknown.count)
        return UInt32.max - UInt32(unknown.count - 1)
      }
      let found = vector(grams(of: numbers))
      let sum = references.reduce(0.0) { $0 + similarity(found, $1) }
      return references.isEmpty ? 0 : 10 * sum / Double(references.count)
    }
  }

  /// The mean over the images: the figure that papers give.
  package func score(_ candidates: [[String]]) -> Double {
    let all = scores(candidates)
    return all.isEmpty ? 0 : all.reduce(0, +) / Double(all.count)
  }

  private mutating func intern(_ word: String) -> UInt32 {
    if let number = words[word] { return number }
    let number = UInt32(words.count + 1)
    words[word] = number
    return number
  }

  /// How often each n-gram occurs, for n = 1…4.
  private func grams(of sentence: [UInt32]) -> [[Gram: Double]] {
    (1...4).map { n in
      var counts: [Gram: Double] = [:]
      if sentence.count >= n {
        for start in 0...sentence.count - n { counts[Gram(sentence[start..<start + n]), default: 0] += 1 }
      }
      return counts
    }
  }

  private func vector(_ counts: [[Gram: Double]]) -> Vector {
    var vector = Vector()
    for (n, grams) in counts.enumerated() {
      for (gram, count) in grams {
        let weight = count * (logImages - log(max(1, frequencies[gram] ?? 0)))
        vector.weights[gram] = weight
        vector.norms[n] += weight * weight
        if n == 1 { vector.length += count }
      }
    }
    for n in 0..<4 { vector.norms[n].formSquareRoot() }
    return vector
  }

  /// The mean over n of the clipped cosines, times the length penalty.
  private func similarity(_ candidate: Vector, _ reference: Vector) -> Double {
    var products = [0.0, 0, 0, 0]
    for (gram, weight) in candidate.weights {
      if let other = reference.weights[gram] { products[gram.size - 1] += min(weight, other) * other }
    }
    let difference = candidate.length - reference.length
    let penalty = exp(-difference * difference / (2 * 6 * 6))
    var sum = 0.0
    for n in 0..<4 where candidate.norms[n] > 0 && reference.norms[n] > 0 {
      sum += products[n] / (candidate.norms[n] * reference.norms[n]) * penalty
    }
    return sum / 4
  }
}
