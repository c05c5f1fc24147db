/// Beam search as the authors of public checkpoints use it (the generation of Hugging Face's transformers, version 5, with a length
/// penalty of 1): sentences that ended are set aside, and it goes on until the best one that is open, for its length, is no
/// better than the worst of as many ended ones as the beam is wide.
///
/// `BeamSearch`, which has our own models' rules and costs, lets ended sentences keep their place in the beam instead.
struct CompletionSearch {
  /// A word that was chosen once: sentences with the same beginning share it.
  private struct Chosen {
    let word: Int32
    let logProbability: Float
    /// The row of scores that it was chosen from.
    let row: Int
    /// The word before it, -1 for the first.
    let before: Int
  }

  private struct Candidate {
    let row: Int
    let word: Int32
    let logProbability, score: Float
  }

  let width: Int
  let end: Int32
  private var chosen: [Chosen] = []
  /// Sentences that go on, best first: the last word in `chosen` (-1 before the first) and the sum of log-probabilities.
  private var running: [(last: Int, score: Float)] = [(-1, 0)]
  /// Sentences that ended, best first, with the mean log-probability of a word.
  private var ended: [(last: Int, score: Float)] = []
  private var candidates: [Candidate] = []
  private var steps = 0
  private(set) var isFinished = false

  init(width: Int, end: Int32) {
    (self.width, self.end) = (width, end)
    candidates.reserveCapacity(2 * width + 1)
  }

  /// The sentences that are to be continued: the last word of each (nil before the first) and the row of scores that it was chosen
  /// from.
  var open: [(word: Int32?, row: Int)] {
    guard !isFinished else { return [] }
    return running.map { $0.last < 0 ? (nil, 0) : (chosen[$0.last].word, chosen[$0.last].row) }
  }

  /// Continues every open sentence.
  /// - Parameters:
  ///   - count: of open sentences
  ///   - words: of the vocabulary
  ///   - logProbability: of a word after an open sentence
  ///   - ending: whether all sentences end with this word
  mutating func advance(
    _ logProbabilities: UnsafePointer<Float>, words: Int, ending: Bool
  ) {
    candidates.removeAll(keepingCapacity: true)
    // One greedy sentence has no use for others.
    let most = width == 1 ? 1 : 2 * width
    var bar = -Float.infinity
    for (row, sentence) in running.enumerated() {
      let scores = logProbabilities + row * words
      for word in 0..<words where sentence.score + scores[word] > bar {
        let score = sentence.score + scores[word]
        let index = candidates.firstIndex { $0.score < score } ?? candidates.count
        candidates.insert(
          Candidate(row: row, word: Int32(word), logProbability: scores[word], score: score), at: index)
        if candidates.count > most { candidates.removeLast() }
        if candidates.count == most { bar = candidates[most - 1].score }
      }
    }
    steps += 1
    choose(ending)
  }

  private mutating func choose(_ ending: Bool) {
    let before = running
    running.removeAll(keepingCapacity: true)
    var done: [(last: Int, score: Float)] = []
    for (rank, candidate) in candidates.enumerated() {
      let ends = ending || candidate.word == end
      guard ends ? rank < width : running.count < width else { continue }
      chosen.append(
        Chosen(
          word: candidate.word, logProbability: candidate.logProbability, row: candidate.row,
          before: before[candidate.row].last))
      if ends {
        done.append((chosen.count - 1, candidate.score / Float(steps)))
      } else {
        running.append((chosen.count - 1, candidate.score))
      }
    }
    for sentence in done {
      let index = ended.firstIndex { $0.score < sentence.score } ?? ended.count
      ended.insert(sentence, at: index)
    }
    if ended.count > width { ended.removeLast(ended.count - width) }
    let best = running.first.map { $0.score / Float(steps) } ?? -.infinity
    isFinished = running.isEmpty || (ended.count == width && best <= ended[width - 1].score)
    if width == 1, !ended.isEmpty { isFinished = true }
  }

  /// The sentences that ended, best first, each word with the row of scores that it was chosen from.
  var ranked: [(words: [(word: Int32, logProbability: Float, row: Int)], score: Float)] {
    ended.map { sentence in
      var words: [(word: Int32, logProbability: Float, row: Int)] = []
      var index = sentence.last
      while index >= 0 {
        let word = chosen[index]
        words.append((word.word, word.logProbability, word.row))
        index = word.before
      }
      return (words.reversed(), sentence.score)
    }
  }
}
