import Foundation
import Language
import Tensors

/// Beam search over words (see Sutskever et al. 2014), apart from any network: it keeps the best partial sentences
/// and says which are to be continued. A finished sentence keeps its place in the beam as long as its score lasts.
package struct BeamSearch {
  /// A partial or finished sentence.
  package struct Hypothesis {
    /// Its last word in `chosen`, -1 before the first.
    fileprivate var last: Int
    package fileprivate(set) var logProbability: Float
    /// The log-probability, less what unfamiliar phrases cost.
    fileprivate var score: Float
    /// What its words cost beside that: it decides which sentences are continued, and nothing else.
    fileprivate var cost: Float = 0
    fileprivate var context = FamiliarPhrases.Context()
    fileprivate var rules = SentenceRules.Context()
    package fileprivate(set) var length: Int
    package fileprivate(set) var isFinished: Bool
  }
  /// A word that was chosen once: sentences with the same beginning share it.
  private struct Chosen {
    let word: Int32
    /// Natural logarithm of its probability.
    let logProbability: Float
    /// The row of scores that it was chosen from.
    let row: Int
    /// The word before it, -1 for the first.
    let before: Int
  }
  /// A sentence written out.
  package struct Sentence {
    /// The end marker included, if it has ended.
    package var words: [Int32] = []
    package var logProbabilities: [Float] = []
    /// For each word the row of scores that it was chosen from, in its step.
    package var rows: [Int] = []
    package var logProbability: Float = 0
    /// What sentences are compared by.
    package var score: Float = 0
    package var isFinished = false
  }
  /// One way to go on, or a finished sentence as it is.
  private struct Candidate {
    let parent: Int
    /// The row of the parent's scores; -1 for a finished sentence.
    let row: Int
    let word: Int32
    let logProbability: Float
    let score: Float
    let cost: Float

    var rank: Float { score - cost }
  }

  let width: Int
  let end: Int32
  /// Words that are never chosen, such as the marker of unknown words.
  let excluded: [Int32]
  /// What sentences may not be. One that must end, ends as it is.
  let rules: SentenceRules
  /// Phrases that people write, and what each other one costs a sentence, in nats; nil where none costs anything.
  let phrases: FamiliarPhrases?
  /// [vocabulary], what each word costs a sentence in the choice of those that are continued, in nats; empty where none does.
  let costs: [Float]
  /// A sentence's score is divided by its length, the end included, to this power (Wu et al. 2016
  /// use a variant of it): 0 favours short captions.
  let lengthExponent: Float
  /// Best first. One empty sentence at the beginning.
  private var hypotheses = [Hypothesis(last: -1, logProbability: 0, score: 0, length: 0, isFinished: false)]
  private var before: [Hypothesis] = []
  private var chosen: [Chosen] = []
  private var candidates: [Candidate] = []
  /// The sentences that are to be continued, best first: the last word of each (nil before the first) and the row of scores
  /// that it was chosen from.
  package private(set) var open: [(word: Int32?, row: Int)] = [(nil, 0)]

  package init(
    width: Int, end: Int32, excluded: [Int32], rules: SentenceRules = SentenceRules(),
    phrases: FamiliarPhrases? = nil, costs: [Float] = [], lengthExponent: Float
  ) {
    precondition(width > 0)
    (self.width, self.end, self.excluded, self.lengthExponent) = (width, end, excluded, lengthExponent)
    (self.rules, self.phrases, self.costs) = (rules, phrases, costs)
    hypotheses.reserveCapacity(width)
    before.reserveCapacity(width)
    open.reserveCapacity(width)
    candidates.reserveCapacity(width + 1)
  }

  /// What it costs a sentence to end where it may not, in nats: more than any word.
  private static let unfinished: Float = 1000

  /// Makes room for so many steps.
  package mutating func reserve(steps: Int) { chosen.reserveCapacity(width * steps) }

  package var isFinished: Bool { open.isEmpty }

  /// Continues every open sentence by its best words, which it finds in one pass over the scores.
  /// - Parameters:
  ///   - logProbabilities: [open, words]; words that may not come are overwritten.
  ///   - ending: whether only the end may follow.
  package mutating func advance(_ logProbabilities: MutableRows, ending: Bool = false) {
    precondition(logProbabilities.rows == open.count)
    precondition(costs.isEmpty || costs.count == logProbabilities.columns)
    candidates.removeAll(keepingCapacity: true)
    var row = -1
    for (parent, hypothesis) in hypotheses.enumerated() {
      let (base, cost) = (hypothesis.score, hypothesis.cost)
      if hypothesis.isFinished {
        offer(Candidate(parent: parent, row: -1, word: end, logProbability: 0, score: base, cost: cost))
        continue
      }
      row += 1
      let scores = logProbabilities[row]
      func offerWord(_ word: Int32) {
        let logProbability = scores[Int(word)]
        var score = base + logProbability - (phrases?.cost(of: word, after: hypothesis.context) ?? 0)
        // One that must end before it may is better than none.
        if word == end, !hypothesis.rules.mayEnd { score -= Self.unfinished }
        offer(
          Candidate(
            parent: parent, row: row, word: word, logProbability: logProbability, score: score,
            cost: costs.isEmpty ? 0 : cost + costs[Int(word)]))
      }
      if ending {
        offerWord(end)
        continue
      }
      for word in excluded { scores[Int(word)] = -.infinity }
      excludeRepetitions(of: hypothesis, scores)
      if hypothesis.last < 0 { for word in rules.notFirst { scores[Int(word)] = -.infinity } }
      if !hypothesis.rules.mayEnd { scores[Int(end)] = -.infinity }
      var bar = bar
      if costs.isEmpty {
        for word in 0..<logProbabilities.columns where base + scores[word] > bar {
          offerWord(Int32(word))
          bar = self.bar
        }
      } else {
        for word in 0..<logProbabilities.columns where base + scores[word] - (cost + costs[word]) > bar {
          offerWord(Int32(word))
          bar = self.bar
        }
      }
    }
    choose()
  }

  /// Makes the candidates the new hypotheses.
  private mutating func choose() {
    swap(&hypotheses, &before)
    hypotheses.removeAll(keepingCapacity: true)
    open.removeAll(keepingCapacity: true)
    for candidate in candidates {
      var next = before[candidate.parent]
      if candidate.row >= 0 {
        chosen.append(
          Chosen(
            word: candidate.word, logProbability: candidate.logProbability, row: candidate.row,
            before: next.last))
        next.last = chosen.count - 1
        next.logProbability += candidate.logProbability
        (next.score, next.cost) = (candidate.score, candidate.cost)
        next.length += 1
        phrases?.extend(&next.context, by: candidate.word)
        rules.extend(&next.rules, by: candidate.word)
        next.isFinished = candidate.word == end
        if !next.isFinished { open.append((candidate.word, candidate.row)) }
      }
      hypotheses.append(next)
    }
  }

  /// The sentences, best first by length-normalized score.
  package var ranked: [Sentence] {
    hypotheses.enumerated().sorted {
      (-normalizedScore($0.element), $0.offset) < (-normalizedScore($1.element), $1.offset)
    }
    .map { sentence($0.element) }
  }

  private func normalizedScore(_ hypothesis: Hypothesis) -> Float {
    hypothesis.score / pow(Float(max(hypothesis.length, 1)), lengthExponent)
  }

  private func sentence(_ hypothesis: Hypothesis) -> Sentence {
    var sentence = Sentence(
      logProbability: hypothesis.logProbability, score: normalizedScore(hypothesis),
      isFinished: hypothesis.isFinished)
    var index = hypothesis.last
    while index >= 0 {
      let word = chosen[index]
      sentence.words.append(word.word)
      sentence.logProbabilities.append(word.logProbability)
      sentence.rows.append(word.row)
      index = word.before
    }
    sentence.words.reverse()
    sentence.logProbabilities.reverse()
    sentence.rows.reverse()
    return sentence
  }

  /// Excludes words that would begin a loop: the last word again, or the end of three words that stood before; and those that
  /// the words before bar.
  private func excludeRepetitions(of hypothesis: Hypothesis, _ scores: UnsafeMutablePointer<Float>) {
    guard hypothesis.last >= 0 else { return }
    let last = chosen[hypothesis.last]
    if rules.barsLoops { scores[Int(last.word)] = -.infinity }
    if !rules.repetitions.isEmpty {
      var index = hypothesis.last
      while index >= 0 {
        for word in rules.repetitions[Int(chosen[index].word)] { scores[Int(word)] = -.infinity }
        index = chosen[index].before
      }
    }
    guard rules.barsLoops, last.before >= 0 else { return }
    let pair = (chosen[last.before].word, last.word)
    // From the end: the third of three words, the second, and the first as it is walked to.
    var (third, second) = (last, chosen[last.before])
    while second.before >= 0 {
      let first = chosen[second.before]
      if (first.word, second.word) == pair { scores[Int(third.word)] = -.infinity }
      (third, second) = (second, first)
    }
  }

  /// What a new candidate must exceed.
  private var bar: Float { candidates.count < width ? -.infinity : candidates[candidates.count - 1].rank }

  /// Inserts in order of score less cost; of equals, the earlier stays ahead.
  private mutating func offer(_ candidate: Candidate) {
    guard candidate.rank > bar else { return }
    let index = candidates.firstIndex { $0.rank < candidate.rank } ?? candidates.count
    candidates.insert(candidate, at: index)
    if candidates.count > width { candidates.removeLast() }
  }
}
