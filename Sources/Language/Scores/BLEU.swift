import Foundation

/// BLEU-1 … BLEU-4 (Papineni et al. 2002) against the closest reference length, with the small constants that
/// `pycocoevalcap` adds. Sums over captions give the corpus' figures, one caption its own.
struct BLEU {
  private var candidateLength = 0
  private var referenceLength = 0
  /// For each n: n-grams of the candidates.
  private var guessed = [Int](repeating: 0, count: NGram.longest)
  /// For each n: those that a reference has too, each at most as often as the reference that has it most.
  private var correct = [Int](repeating: 0, count: NGram.longest)

  init() {}

  init(_ candidate: CountedCaption, references: [CountedCaption]) {
    candidateLength = candidate.words.count
    referenceLength =
      references.map(\.words.count).min { a, b in
        (abs(a - candidateLength), a) < (abs(b - candidateLength), b)
      } ?? 0
    for n in 1...NGram.longest { guessed[n - 1] = max(0, candidateLength - n + 1) }
    var most = [Int](repeating: 0, count: candidate.grams.count)
    for reference in references {
      candidate.matches(reference) { mine, theirs in
        most[mine] = max(most[mine], reference.grams[theirs].count)
      }
    }
    for (entry, most) in zip(candidate.grams, most) {
      correct[entry.gram.count - 1] += min(entry.count, most)
    }
  }

  static func += (sum: inout BLEU, one: BLEU) {
    sum.candidateLength += one.candidateLength
    sum.referenceLength += one.referenceLength
    for n in 0..<NGram.longest {
      sum.guessed[n] += one.guessed[n]
      sum.correct[n] += one.correct[n]
    }
  }

  /// BLEU-1 … BLEU-4.
  var scores: [Double] {
    let (small, tiny) = (1e-9, 1e-15)
    let ratio = (Double(candidateLength) + tiny) / (Double(referenceLength) + small)
    let penalty = ratio < 1 ? exp(1 - 1 / ratio) : 1
    var product = 1.0
    return (0..<NGram.longest).map { n in
      product *= (Double(correct[n]) + tiny) / (Double(guessed[n]) + small)
      return pow(product, 1 / Double(n + 1)) * penalty
    }
  }
}

extension CountedCaption {
  /// Calls `body` with the positions of each n-gram that both captions have: here and there.
  func matches(_ other: CountedCaption, _ body: (Int, Int) -> Void) {
    var (mine, theirs) = (0, 0)
    while mine < grams.count && theirs < other.grams.count {
      let (a, b) = (grams[mine].gram, other.grams[theirs].gram)
      if a == b {
        body(mine, theirs)
        mine += 1
        theirs += 1
      } else if a < b {
        mine += 1
      } else {
        theirs += 1
      }
    }
  }
}
