import Foundation
import Language
import Testing

/// BLEU and chrF against sacrebleu: `Fixtures/make_translation_scores.py`.
@Suite struct TranslationScoresTests {
  private struct Golden: Decodable {
    struct Set: Decodable {
      let translations, references: [String]
      let bleu, chrf: Double
    }
    let sets: [Set]
  }

  @Test func equalSacrebleu() throws {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/translation_scores", withExtension: "json"))
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    #expect(golden.sets.count > 10)
    for (number, set) in golden.sets.enumerated() {
      let bleu = TranslationBLEU(set.translations, references: set.references).score
      let chrf = TranslationChrF(set.translations, references: set.references).score
      #expect(abs(bleu - set.bleu) < 1e-6, "BLEU of set \(number): \(bleu), \(set.bleu)")
      #expect(abs(chrf - set.chrf) < 1e-6, "chrF of set \(number): \(chrf), \(set.chrf)")
    }
  }

  @Test func nothingScoresNothing() {
    #expect(TranslationBLEU().score == 0 && TranslationChrF().score == 0)
    #expect(TranslationBLEU([""], references: [""]).score == 0)
  }
}
