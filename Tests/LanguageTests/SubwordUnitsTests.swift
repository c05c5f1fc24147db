import Foundation
import Language
import Tensors
import Testing

@Suite struct SubwordUnitsTests {
  private static let texts = [
    "Ein Hund läuft über das Gras.", "Zwei Hunde laufen über die Straße.", "Ein Mädchen im T-Shirt läuft.",
    "L'homme à l'échelle court, l'enfant aussi.", "Pes běží přes trávu a psi běží za ním.",
    "Um cão corre pela grama; dois cães correm atrás dele.",
  ]
  private let units = SubwordUnits(
    learning: (0..<5).flatMap { _ in Self.texts }, count: 500, minimumCount: 3)

  @Test(arguments: [
    "Ein Hund läuft.", "", " ", "  zwei  Leerzeichen  ", "ohne Anfang", " mit Anfang", "\t\n\r\u{0}", "▁ ▁▁",
    "Straße STRASSE straße", "日本語のテキスト", "👩‍👩‍👧 ein 🐕‍🦺", "e\u{301} é", "1.234,5 km/h (max.)", "\"…\"—„“»«",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "\u{feff}x\u{200b}y\u{a0}z", "<bos> <unk> <0x41>",
  ])
  func everyTextIsItsUnits(text: String) {
    let encoded = units.encode(text)
    #expect(units.decode(encoded).utf8.elementsEqual(text.utf8))
    #expect(encoded.allSatisfy { $0 >= Vocabulary.specials.count && $0 < units.count })
    var random = RandomGenerator(seed: 4)
    #expect(units.decode(units.encode(text, dropout: 0.5, using: &random)).utf8.elementsEqual(text.utf8))
  }

  @Test func frequentWordsAreOneUnitAndOthersTheirParts() {
    #expect(units.encode("Ein Hund läuft").map(units.text) == [" Ein", " Hund", " läuft"])
    // The first word is the word that it is elsewhere.
    #expect(units.encode("Hund").map(units.text) == [" Hund"])
    #expect(units.encode("Hundeleine").count > 1)
    // Case is kept.
    #expect(units.encode("hund") != units.encode("Hund"))
    // Nobody has seen this: bytes.
    #expect(units.encode("ж").map(units.text).joined() == " ")
  }

  @Test func withoutMergesCharactersAreLeft() {
    var random = RandomGenerator(seed: 1)
    let parts = units.encode("Ein Hund läuft", dropout: 0.999_999, using: &random)
    #expect(parts.count == " Ein Hund läuft".count)
  }

  @Test func theTextThatIsStoredIsTheSameUnits() throws {
    let read = try SubwordUnits(decoding: units.encoded, path: "units.txt", expectedCount: units.count)
    #expect(read == units && read.encoded == units.encoded)
    for text in Self.texts { #expect(read.encode(text) == units.encode(text)) }
  }

  @Test func learningTheSameTextsAgainGivesTheSame() {
    let again = SubwordUnits(learning: (0..<5).flatMap { _ in Self.texts }, count: 500, minimumCount: 3)
    #expect(again == units && units.count > 300 && units.count <= 500)
    // No more than there are.
    #expect(SubwordUnits(learning: ["ab ab"], count: 10_000, minimumCount: 1).count < 270)
    #expect(SubwordUnits(learning: [], count: 500).count == 260)
  }

  @Test(arguments: [
    ("", "the first line must be “units 1”"), ("units 2\na\n", "the first line must be “units 1”"),
    ("units 1\nab\n", "line 2 is no merge"), ("units 1\na\na\n", "line 3 repeats a character"),
    ("units 1\na\na b\n", "line 3 merges what no line before it makes"),
    ("units 1\na\nb\na b\na b\n", "line 5 repeats a merge"), ("units 1\na\na a a\n", "line 3 is no merge"),
    ("units 1\n\u{7}\n", "line 2 is no character"), ("units 1\na\n", "261 units, the configuration says 262"),
    ("units 1\na\n\nb\n", "line 3 is no merge"),
  ])
  func whatIsNoUnitsIsRefused(text: String, reason: String) {
    #expect(throws: LanguageError(path: "u", reason: reason)) {
      try SubwordUnits(decoding: Array(text.utf8), path: "u", expectedCount: 262)
    }
  }

  @Test func bytesThatAreNoTextAreRefused() {
    #expect(throws: LanguageError(path: "u", reason: "not valid UTF-8")) {
      try SubwordUnits(decoding: [0xff], path: "u", expectedCount: 262)
    }
  }

  /// Every line of a table of translations, where there is one at hand: `NARRATE_TRANSLATIONS=multi30k/train.tsv`.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["NARRATE_TRANSLATIONS"] != nil))
  func everyLineOfTheDataIsItsUnits() throws {
    let path = try #require(ProcessInfo.processInfo.environment["NARRATE_TRANSLATIONS"])
    let rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
    for column in rows[0].indices {
      let texts = rows.dropFirst().map { $0[column] }
      let units = SubwordUnits(learning: texts, count: 3000)
      let wrong = texts.filter { !units.decode(units.encode($0)).utf8.elementsEqual($0.utf8) }
      #expect(wrong.isEmpty, "\(rows[0][column]): \(wrong.prefix(3))")
    }
  }
}
