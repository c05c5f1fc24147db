import Foundation
import Language
import Models
import Narration
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct TranslatingTests {
  /// A folder with a model of random weights that writes German.
  static func model(in folder: TemporaryFolder, _ name: String = "translate-de") throws -> URL {
    let units = SubwordUnits(
      learning: ["Ein Hund läuft über das Gras, und zwei Katzen sehen zu."], count: 300, minimumCount: 1)
    let encoder = SentenceEncoderSizes(units: units.count, embedding: 8, hidden: 5, layers: 1, cell: .gru)
    let decoder = DecoderSizes(
      words: units.count, channels: 10, embedding: 8, hidden: 6, attention: 4, projection: 7, cell: .gru)
    var random = Optional(RandomGenerator(seed: 2))
    let url = folder.url.appendingPathComponent(name, isDirectory: true)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    try TranslationModel.write(
      TranslationConfiguration(
        source: "en", languages: ["de"], encoder: encoder, decoder: decoder,
        decoding: .init(lengthExponent: 1)),
      source: units, target: units, network: TranslationNetwork(encoder, decoder, using: &random), to: url)
    return url
  }

  private let folder: TemporaryFolder
  private let engine: TranslationEngine

  init() throws {
    folder = try TemporaryFolder()
    engine = try TranslationEngine(TranslationModel(contentsOf: Self.model(in: folder)), to: "de", batch: 3)
  }

  @Test func blankTextsStay() {
    #expect(engine.translations(of: ["", "  \t", "\u{2003}"]) == ["", "  \t", "\u{2003}"])
  }

  @Test func textsAreTranslatedAsTheyAreAlone() {
    let texts = [
      "a dog runs", "", "Two cats. One dog! Nobody?", "x", "日本語", String(repeating: "word ", count: 300),
    ]
    #expect(engine.translations(of: texts) == texts.map(engine.translation(of:)))
    #expect(!engine.translation(of: "a dog runs").isEmpty)
  }

  /// Longer than any sentence: in parts, none of which is left out, and soon.
  @Test(arguments: [
    String(repeating: "a dog runs on the grass ", count: 170), String(repeating: "x", count: 5000),
    String(repeating: "a dog, ", count: 1000), String(repeating: ". ", count: 1000),
    String(repeating: "👩‍👩‍👧", count: 500),
  ])
  func longTextsAreTranslatedInParts(text: String) {
    let parts = text.split(separator: " ").count
    #expect(engine.translation(of: text).count > min(parts, 20))
  }

  @Test func anotherLanguageOrModelIsRefused() throws {
    let url = try Self.model(in: folder)
    #expect(throws: UnknownLanguage(language: "fr", known: ["de"])) {
      try TranslationEngine(TranslationModel(contentsOf: url), to: "fr")
    }
    let configuration = url.appendingPathComponent("config.json")
    let text = try String(contentsOf: configuration, encoding: .utf8)
    for (from, to, reason) in [
      ("\"format\" : 1", "\"format\" : 2", "a model of format 2; this version runs format 1"),
      ("\"hidden\" : 6", "\"hidden\" : 9", "weights of another format or configuration"),
      ("\"gru\"", "\"cnn\"", "this version cannot run"),
      ("\"channels\" : 10", "\"channels\" : 11", "cannot run"),
      ("\"translation\"", "\"caption\"", "cannot run"),
    ] {
      #expect(text.contains(from))
      try text.replacing(from, with: to).write(to: configuration, atomically: true, encoding: .utf8)
      #expect {
        try TranslationModel(contentsOf: url)
      } throws: {
        "\($0)".contains(reason)
      }
    }
    try text.write(to: configuration, atomically: true, encoding: .utf8)
    try Data("units 1\nx\n".utf8).write(to: url.appendingPathComponent("target.txt"))
    #expect {
      try TranslationModel(contentsOf: url)
    } throws: {
      "\($0)".contains("target.txt: 261 units, the configuration says")
    }
    try FileManager.default.removeItem(at: url.appendingPathComponent("source.txt"))
    #expect(throws: ModelError.self) { try TranslationModel(contentsOf: url) }
  }

  @Test func modelsAreFoundByTheirLanguage() throws {
    _ = try Self.model(in: folder, "b")
    let library = ModelLibrary(searchPaths: [folder.url])
    #expect(try library.translator(to: "de").lastPathComponent == "b")
    #expect(library.translatedLanguages == ["de"])
    #expect {
      try library.translator(to: "fr")
    } throws: {
      "\($0)".contains("no translation model to fr found there")
    }
  }

  @Test func theActionsOfKineticsHaveNamesInEveryLanguage() throws {
    let labels = try String(
      contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "../../models/action-kinetics400/labels.txt"), encoding: .utf8
    ).split(separator: "\n").map(String.init)
    #expect(labels.count == 400)
    for language in CaptionLanguage.allCases where language != .english {
      let names = labels.map(language.name(ofAction:))
      #expect(Set(names).count == 400)
      // Some sports are called the same everywhere.
      #expect(names.count { labels.contains($0) } < 30)
    }
    #expect(CaptionLanguage.german.name(ofAction: "ironing") == "Bügeln")
    #expect(CaptionLanguage.czech.name(ofAction: "something else") == "something else")
    #expect(CaptionLanguage.english.name(ofAction: "ironing") == "ironing")
  }

  @Test func anUnsureCaptionSaysSo() {
    #expect(
      CaptionLanguage.english.unsure("a dog", perhaps: ["cat", "fox"]) == "unsure: a dog; perhaps: cat, fox")
    #expect(CaptionLanguage.german.unsure("ein Hund", perhaps: []) == "unsicher: ein Hund")
    #expect(
      CaptionLanguage.french.unsure("un chien", perhaps: ["chat"])
        == "incertain\u{a0}: un chien; peut-être\u{a0}: chat")
  }
}
