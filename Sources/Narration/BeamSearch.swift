import Foundation

/// Beam search over words (see Sutskever et al. 2014), apart from any network: it keeps the best partial sentences
/// and says which are to be continued. A finished sentence keeps its place in the beam as long as its score lasts.
package struct BeamSearch {
  /// A partial or finished sentence.
  package struct Hypothesis {
    /// Word indices, the end marker included.
    package var words: [Int32] = []
    /// Natural logarithm of each word's probability.
    package var logProbabilities: [Float] = []
    /// Index into `steps` of each word's attention: the row that it had.
    package var rows: [Int] = []
    package var logProbability: Float = 0
    package var isFinished = false
  }
  /// One way to go on, or a finished sentence as it is.
  private struct Candidate {
    let parent: Int
    /// Nil for a finished sentence.
    let word: Int32?
    let logProbability: Float
    let score: Float
  }

  let width: Int
  let end: Int32
  /// Words that are never chosen, such as the marker of unknown words.
  let excluded: [Int32]
  /// A caption's score is its log-probability divided by its length, the end included, to this power (Wu et al. 2016
  /// use a variant of it): 0 favours short captions.
  let lengthExponent: Float
  /// Best first. One empty sentence at the beginning.
  package private(set) var hypotheses = [Hypothesis()]
  private var candidates: [Candidate] = []

  package init(width: Int, end: Int32, excluded: [Int32], lengthExponent: Float) {
    precondition(width > 0)
    (self.width, self.end, self.excluded, self.lengthExponent) = (width, end, excluded, lengthExponent)
    candidates.reserveCapacity(width + 1)
  }

  package var isFinished: Bool { hypotheses.allSatisfy(\.isFinished) }

  /// Continues every open sentence by its best words.
  /// - Parameters:
  ///   - logProbabilities: [hypotheses, words]; excluded and repeating words are overwritten.
  ///   - words: size of the vocabulary
  ///   - ending: whether only the end may follow.
  /// - Returns: for each new hypothesis the row of the old one that it continues.
  package mutating func advance(
    _ logProbabilities: UnsafeMutablePointer<Float>, words: Int, ending: Bool = false
  ) -> [Int] {
    candidates.removeAll(keepingCapacity: true)
    for (row, hypothesis) in hypotheses.enumerated() {
      if hypothesis.isFinished {
        offer(Candidate(parent: row, word: nil, logProbability: 0, score: hypothesis.logProbability))
        continue
      }
      let scores = logProbabilities + row * words
      if ending {
        let score = scores[Int(end)]
        offer(
          Candidate(parent: row, word: end, logProbability: score, score: hypothesis.logProbability + score))
        continue
      }
      for word in excluded { scores[Int(word)] = -.infinity }
      for word in hypothesis.repeatingWords { scores[Int(word)] = -.infinity }
      var bar = bar
      for word in 0..<words where hypothesis.logProbability + scores[word] > bar {
        let score = hypothesis.logProbability + scores[word]
        offer(Candidate(parent: row, word: Int32(word), logProbability: scores[word], score: score))
        bar = self.bar
      }
    }
    hypotheses = candidates.map { candidate in
      var next = hypotheses[candidate.parent]
      guard let word = candidate.word else { return next }
      next.words.append(word)
      next.logProbabilities.append(candidate.logProbability)
      next.rows.append(candidate.parent)
      next.logProbability = candidate.score
      next.isFinished = word == end
      return next
    }
    return candidates.map(\.parent)
  }

  /// The sentences, best first by length-normalised score.
  package var ranked: [Hypothesis] {
    func score(_ hypothesis: Hypothesis) -> Float {
      hypothesis.logProbability / pow(Float(max(hypothesis.words.count, 1)), lengthExponent)
    }
    return hypotheses.enumerated().sorted {
      (-score($0.element), $0.offset) < (-score($1.element), $1.offset)
    }
    .map(\.element)
  }

  /// What a new candidate must exceed.
  private var bar: Float { candidates.count < width ? -.infinity : candidates[candidates.count - 1].score }

  /// Inserts in order of score; of equals, the earlier stays ahead.
  private mutating func offer(_ candidate: Candidate) {
    guard candidate.score > bar else { return }
    let place = candidates.firstIndex { $0.score < candidate.score } ?? candidates.count
    candidates.insert(candidate, at: place)
    if candidates.count > width { candidates.removeLast() }
  }
}

extension BeamSearch.Hypothesis {
  /// Words that would begin a loop: the last word again, or the end of three words that stood before.
  var repeatingWords: [Int32] {
    guard let last = words.last else { return [] }
    var found = [last]
    if words.count >= 4 {
      let before = words[words.count - 2]
      for i in 0..<words.count - 2 where words[i] == before && words[i + 1] == last {
        found.append(words[i + 2])
      }
    }
    return found
  }
}
