import Compute
import Language
import Networks
import Tensors

/// A translation network made ready to translate into one language by beam search. One for each worker.
package final class TranslationSearch {
  private let network: TranslationNetwork<FixedMatrix>
  private let generator: CaptionGenerator
  private let arena = Arena()
  /// Units of a sentence at most, its end included.
  package let mostUnits: Int

  /// - Parameters:
  ///   - language: which of the network's
  ///   - batch: sentences at once, at most
  ///   - mostUnits: of a sentence, its end included
  package init(
    _ network: TranslationNetwork<FixedMatrix>, language: Int = 0, beam: Int, lengthExponent: Float,
    batch: Int = 1, mostUnits: Int
  ) {
    (self.network, self.mostUnits) = (network, mostUnits)
    var rules = SentenceRules()
    // Parts of words do come twice in a row.
    rules.barsLoops = false
    generator = CaptionGenerator(
      network.decoder, positions: 1, frames: mostUnits, batch: batch, style: language, width: beam,
      lengthExponent: lengthExponent, rules: rules)
  }

  /// Sentences that are translated at once, at most.
  package var batch: Int { generator.batch }

  /// A translation is hardly twice as long as what it is of.
  private static func most(_ sentence: [Int32]) -> Int { 2 * sentence.count + 10 }

  /// The best translation of each sentence, in units, without markers; by the calling thread's team.
  /// - Parameter sentences: units of each, the end included
  package func translations(_ sentences: [[Int32]]) -> [[Int32]] {
    precondition(sentences.count <= batch && sentences.allSatisfy { 1...mostUnits ~= $0.count })
    guard !sentences.isEmpty else { return [] }
    arena.reset()
    let reading = SentencePass(network.encoder, sentences, arena: arena)
    var first = 0
    for sentence in sentences {
      generator.add(
        Rows(reading.output[first..<first + sentence.count]), maximumWords: Self.most(sentence))
      first += sentence.count
    }
    let most = sentences.map(Self.most).max() ?? 0
    return generator.captions(maximumWords: most).map { beam in
      beam[0].words.filter { $0 != Vocabulary.end }
    }
  }
}
