import Foundation

/// CIDEr and CIDEr-D (Vedantam et al. 2015): the mean cosine, over n = 1…4 and the references, between the TF-IDF vectors
/// of n-grams, times 10. CIDEr-D clips a candidate's weights by the reference's, and takes off for another length by a
/// Gaussian of σ = 6; `pycocoevalcap` computes this one and prints it as CIDEr.
struct CIDEr {
  struct Scores {
    let original: Double
    let d: Double
  }
  private static let sigma = 6.0

  /// A caption's n-grams with their weights.
  struct Vector: Sendable {
    let caption: CountedCaption
    /// Of each n-gram of the caption.
    fileprivate let weights: [Double]
    /// Euclidean norm for each n.
    fileprivate let norms: SIMD4<Double>
    /// Number of bigrams: what `pycocoevalcap` takes for the length.
    fileprivate let length: Double

    init(_ caption: CountedCaption, _ frequencies: DocumentFrequencies) {
      self.caption = caption
      var squares = SIMD4<Double>()
      weights = caption.grams.map { entry in
        let weight = Double(entry.count) * frequencies.weight(entry.gram)
        squares[entry.gram.count - 1] += weight * weight
        return weight
      }
      norms = squares.squareRoot()
      length = Double(max(0, caption.words.count - 1))
    }
  }

  static func scores(_ candidate: Vector, references: [Vector]) -> Scores {
    var (original, d) = (0.0, 0.0)
    for reference in references {
      var plain = SIMD4<Double>()
      var clipped = SIMD4<Double>()
      candidate.caption.matches(reference.caption) { mine, theirs in
        let n = candidate.caption.grams[mine].gram.count - 1
        let (weight, other) = (candidate.weights[mine], reference.weights[theirs])
        plain[n] += weight * other
        clipped[n] += min(weight, other) * other
      }
      let norms = candidate.norms * reference.norms
      let scale = SIMD4<Double>(repeating: 0).replacing(with: 1 / norms, where: norms .> 0)
      let difference = candidate.length - reference.length
      original += (plain * scale).sum()
      d += (clipped * scale).sum() * exp(-difference * difference / (2 * sigma * sigma))
    }
    let share = 10 / Double(NGram.longest * max(references.count, 1))
    return Scores(original: original * share, d: d * share)
  }
}
