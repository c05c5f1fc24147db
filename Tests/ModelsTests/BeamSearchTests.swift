import Foundation
import Language
import Models
import Tensors
import Testing

@Suite struct BeamSearchTests {
  /// Scores for each open hypothesis from a table: probability of the next word given the last one.
  private func run(
    _ table: [Int32: [Float]], width: Int, exponent: Float = 0, steps: Int = 10, excluded: [Int32] = [],
    rules: SentenceRules = SentenceRules(), phrases: FamiliarPhrases? = nil, costs: [Float] = []
  ) -> BeamSearch {
    var beam = BeamSearch(
      width: width, end: 0, excluded: excluded, rules: rules, phrases: phrases, costs: costs,
      lengthExponent: exponent)
    for step in 1...steps where !beam.isFinished {
      var scores = beam.open.flatMap { (table[$0.word ?? -1] ?? [1, 0, 0, 0]).map { log($0) } }
      scores.withUnsafeMutableBufferPointer { scores in
        guard let base = scores.baseAddress else { return }
        beam.advance(MutableRows(base, rows: scores.count / 4, columns: 4), ending: step == steps)
      }
    }
    return beam
  }

  /// Greedy takes the likelier first word; the better sentence begins with the other one.
  private let trap: [Int32: [Float]] = [
    -1: [0, 0.6, 0.4, 0], 1: [0.3, 0, 0.3, 0.4], 2: [0.9, 0.05, 0, 0.05], 3: [0.5, 0.25, 0.25, 0],
  ]

  @Test func aWiderBeamFindsTheBetterSentence() {
    #expect(run(trap, width: 1).ranked[0].words == [1, 3, 0])
    let best = run(trap, width: 3).ranked[0]
    #expect(best.words == [2, 0])
    #expect(abs(best.logProbability - log(0.4 * 0.9)) < 1e-5)
    #expect(abs(best.logProbabilities.reduce(0, +) - best.logProbability) < 1e-6)
  }

  @Test func aBeamAsWideAsTheTreeFindsEverySentence() {
    let ranked = run(trap, width: 64, steps: 3).ranked
    #expect(ranked.allSatisfy { $0.isFinished })
    #expect(
      ranked.map(\.words) == [[2, 0], [1, 0], [1, 2, 0], [1, 3, 0], [2, 3, 0], [2, 1, 0]])
    let probabilities: [Float] = [
      0.4 * 0.9, 0.6 * 0.3, 0.6 * 0.3 * 0.9, 0.6 * 0.4 * 0.5, 0.4 * 0.05 * 0.5, 0.4 * 0.05 * 0.3,
    ]
    for (sentence, probability) in zip(ranked, probabilities) {
      #expect(abs(sentence.logProbability - log(probability)) < 1e-5, "\(sentence.words)")
    }
  }

  @Test func lengthNormalisationPrefersLongerSentences() {
    let table: [Int32: [Float]] = [
      -1: [0.3, 0.7, 0, 0], 1: [0, 0, 0.6, 0.4], 2: [0.7, 0, 0, 0.3], 3: [1, 0, 0, 0],
    ]
    #expect(run(table, width: 4, exponent: 0).ranked[0].words == [0])
    #expect(run(table, width: 4, exponent: 1).ranked[0].words == [1, 2, 0])
  }

  /// Words that cost something give way to others, and are told as probable as they are.
  @Test func costsDecideWhatIsContinued() {
    let all = run(trap, width: 64, steps: 3)
    let wide = run(trap, width: 64, steps: 3, costs: [0, 0, 3, 0])
    #expect(wide.ranked.map(\.words) == all.ranked.map(\.words), "with room for all they change nothing")
    #expect(zip(wide.ranked, all.ranked).allSatisfy { $0.score == $1.score })
    #expect(run(trap, width: 1, costs: [0, 1, 0, 0]).ranked[0].words == [2, 0])
    let narrow = run(trap, width: 2, costs: [0, 0, 9, 0]).ranked
    #expect(narrow.map(\.words) == [[1, 0], [1, 3, 0]])
    #expect(abs(narrow[0].score - log(0.6 * 0.3)) < 1e-5)
    // A gain, as for a word that is surely seen.
    #expect(run(trap, width: 1, costs: [0, 0, -1, 0]).ranked[0].words == [2, 0])
  }

  /// The best sentence, 2 and the end, pays for a phrase that nobody writes; its probability is told as it is.
  @Test func unfamiliarPhrasesCostASentence() {
    let table = PhraseTable(captions: [[Vocabulary.beginning, 1, 0]], qualifiers: [2])
    func best(_ cost: Float) -> BeamSearch.Sentence {
      run(trap, width: 8, phrases: FamiliarPhrases(table, qualifiers: [2], cost: cost)).ranked[0]
    }
    #expect(best(0).words == [2, 0])
    #expect(best(0.5).words == [2, 0])
    #expect(abs(best(0.5).score - (log(0.4 * 0.9) - 0.5)) < 1e-5)
    #expect(abs(best(0.5).logProbability - log(0.4 * 0.9)) < 1e-5)
    // All of it familiar.
    #expect(best(2).words == [1, 0])
    #expect(abs(best(2).score - log(0.6 * 0.3)) < 1e-5)
  }

  /// Nobody writes "3 2 1", but for the qualifier 3 it is familiar; "3 1" is in no way.
  @Test func phrasesWithoutQualifiersCostToo() {
    let table: [Int32: [Float]] = [
      -1: [0, 0.1, 0.45, 0.45], 1: [1, 0, 0, 0], 2: [0, 0.5, 0, 0.5], 3: [0, 0.5, 0.5, 0],
    ]
    let phrases = FamiliarPhrases(
      PhraseTable(captions: [[Vocabulary.beginning, 2, 1, 0]], qualifiers: [3]), qualifiers: [3], cost: 1)
    func cost(_ words: [Int32]) -> Float? {
      run(table, width: 64, steps: 6, phrases: phrases).ranked.first { $0.words == words }
        .map { (($0.logProbability - $0.score) * 1000).rounded() / 1000 }
    }
    #expect(cost([2, 1, 0]) == 0)
    // "3 2" at the beginning and "3 2 1", as they stand.
    #expect(cost([3, 2, 1, 0]) == 2)
    // "3 1" at the beginning and at the end, and there without the qualifier.
    #expect(cost([3, 1, 0]) == 3)
  }

  @Test func excludedWordsNeverComeUp() {
    let ranked = run(trap, width: 8, excluded: [1, 3]).ranked
    #expect(
      ranked.allSatisfy { !$0.words.contains(1) && !$0.words.contains(3) || !$0.logProbability.isFinite })
    #expect(ranked[0].words == [2, 0])
  }

  /// 1 bars itself and 3; 2 and 3 nothing.
  @Test func barredWordsDoNotComeAgain() {
    let table: [Int32: [Float]] = [
      -1: [0.01, 0.97, 0.01, 0.01], 1: [0.01, 0.01, 0.97, 0.01], 2: [0.1, 0.5, 0.1, 0.3],
      3: [0.01, 0.01, 0.97, 0.01],
    ]
    #expect(run(table, width: 1, steps: 5).ranked[0].words == [1, 2, 1, 2, 0])
    var rules = SentenceRules()
    rules.repetitions = [[], [1, 3], [], []]
    let barred = run(table, width: 6, steps: 6, rules: rules).ranked
    #expect(barred.contains { $0.words.starts(with: [1, 2]) })
    for sentence in barred where sentence.logProbability.isFinite {
      guard let first = sentence.words.firstIndex(of: 1) else { continue }
      #expect(sentence.words[(first + 1)...].allSatisfy { $0 != 1 && $0 != 3 }, "\(sentence.words)")
    }
  }

  @Test func noWordStandsTwiceInARowAndNoThreeWordsComeAgain() {
    // A network that would say 1 1 1 … or 1 2 3 1 2 3 … for ever.
    let stuck: [Int32: [Float]] = [
      -1: [0.01, 0.97, 0.01, 0.01], 1: [0.01, 0.49, 0.49, 0.01], 2: [0.01, 0.01, 0.01, 0.97],
      3: [0.01, 0.97, 0.01, 0.01],
    ]
    for width in [1, 3] {
      for hypothesis in run(stuck, width: width, steps: 12).ranked {
        let words = hypothesis.words
        #expect(zip(words, words.dropFirst()).allSatisfy { $0 != $1 })
        let triples = (0..<max(0, words.count - 2)).map { Array(words[$0..<$0 + 3]) }
        #expect(Set(triples).count == triples.count)
      }
    }
  }

  @Test func theLastStepEndsEverySentence() {
    let endless: [Int32: [Float]] = [
      -1: [0, 0.5, 0.5, 0], 1: [1e-6, 0, 0.5, 0.5], 2: [1e-6, 0.5, 0, 0.5], 3: [1e-6, 0.5, 0.5, 0],
    ]
    let beam = run(endless, width: 3, steps: 5)
    #expect(beam.ranked.allSatisfy { $0.isFinished && $0.words.count == 5 && $0.words.last == 0 })
    // Those that may not end there come last.
    var rules = SentenceRules()
    rules.notLast = [1]
    let lastWords = run(endless, width: 3, steps: 5, rules: rules).ranked.map { $0.words[3] }
    #expect(lastWords.first != 1 && lastWords.drop { $0 != 1 }.allSatisfy { $0 == 1 }, "\(lastWords)")
  }

  /// 1 is an article, 2 qualifies; the likeliest sentences would end with them, and 3 would begin them.
  @Test func sentencesAreWhole() {
    let table: [Int32: [Float]] = [
      -1: [0, 0.4, 0, 0.6], 1: [0.5, 0, 0.4, 0.1], 2: [0.9, 0, 0, 0.1], 3: [0.9, 0.1, 0, 0],
    ]
    #expect(run(table, width: 1).ranked[0].words == [3, 0])
    var rules = SentenceRules()
    (rules.notFirst, rules.articles, rules.qualifiers) = ([3], [1], [2])
    #expect(run(table, width: 1, rules: rules).ranked[0].words == [1, 2, 3, 0])
    #expect(run(table, width: 4, rules: rules).ranked[0].words == [1, 3, 0])
    // One that must end, ends as it is.
    #expect(run(table, width: 1, steps: 2, rules: rules).ranked[0].words == [1, 0])
  }
}
