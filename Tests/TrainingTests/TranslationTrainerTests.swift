import Compute
import Datasets
import Foundation
import Language
import Models
import Narration
import TestSupport
import Testing
import Training

/// Sentences of made-up languages: each word of one has its word in the others.
private struct Sentences {
  let folder: TemporaryFolder
  var settings = TranslationSettings()

  /// In German, Portuguese and French of a kind.
  private static let words = [
    "Ein": ("Um", "Un"), "Zwei": ("Dois", "Deux"), "Hund": ("cão", "chien"), "Mann": ("homem", "homme"),
    "läuft.": ("corre.", "court."), "steht.": ("fica.", "reste."),
  ]

  init(_ architecture: TranslationSettings.Architecture = .gru) throws {
    folder = try TemporaryFolder()
    let german = [
      "Ein Hund läuft.", "Ein Mann steht.", "Zwei Hund läuft.", "Zwei Mann läuft.", "Ein Hund steht.",
    ]
    var table = "de\tpt\tfr\n"
    for sentence in german {
      let words = sentence.split(separator: " ").compactMap { Self.words[String($0)] }
      let (portuguese, french) = (words.map(\.0), words.map(\.1))
      table +=
        [sentence, portuguese.joined(separator: " "), french.joined(separator: " ")]
        .joined(separator: "\t") + "\n"
    }
    try folder.write(table, "data/train.tsv")
    try folder.write(table, "data/val.tsv")
    settings.network.architecture = architecture
    (settings.network.embedding, settings.network.encoderHidden, settings.network.hidden) = (16, 8, 16)
    (settings.network.attention, settings.network.projection) = (8, 12)
    (settings.network.layers, settings.network.heads, settings.network.feedForward) = (1, 2, 16)
    (settings.units.source, settings.units.target, settings.units.minimumCount) = (300, 300, 1)
    (settings.optimization.sentencesPerBatch, settings.optimization.epochs) = (2, 3)
    (settings.optimization.warmupSteps, settings.validation.beam) = (0, 2)
  }

  func data(
    to languages: [String] = ["pt"], _ sets: [String: Int] = ["data": 1], base: TranslationModel? = nil
  ) throws -> TranslationData {
    try TranslationData(
      sets.sorted { $0.key < $1.key }.map {
        (try TranslationDataset(at: folder.url.appendingPathComponent($0.key)), $0.value)
      }, from: "de", to: languages, settings, base: base)
  }

  func train(
    into name: String, to languages: [String] = ["pt"], _ sets: [String: Int] = ["data": 1],
    from base: String? = nil, threads: Int = 1, resuming: Bool = false,
    report: @escaping (TrainingEvent) throws -> Void = { _ in }
  ) throws {
    let base = try base.map { try TranslationModel(contentsOf: folder.url.appendingPathComponent($0)) }
    try TranslationTrainer(
      data: data(to: languages, sets, base: base), settings: settings, base: base,
      output: folder.url.appendingPathComponent(name),
      threads: threads,
      resuming: resuming, report: report
    ).run()
  }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.url.appendingPathComponent(name)) }
}

@Suite struct TranslationTrainerTests {
  private struct Stopped: Error {}

  @Test(arguments: TranslationSettings.Architecture.allCases)
  func aRunThatWasBrokenOffEndsAsAWholeOne(architecture: TranslationSettings.Architecture) throws {
    let sentences = try Sentences(architecture)
    try sentences.train(into: "whole")
    var steps = 0
    #expect(throws: Stopped.self) {
      try sentences.train(into: "parts") { event in
        guard case .step = event else { return }
        steps += 1
        if steps == 4 { throw Stopped() }
      }
    }
    try sentences.train(into: "parts", resuming: true)
    for name in ["model.safetensors", "config.json", "source.txt", "target.txt"] {
      #expect(try sentences.bytes("whole/\(name)") == sentences.bytes("parts/\(name)"), "\(name)")
    }
  }

  @Test func threadsChangeNothing() throws {
    let sentences = try Sentences()
    try sentences.train(into: "one", threads: 1)
    try sentences.train(into: "two", threads: 2)
    #expect(try sentences.bytes("one/model.safetensors") == sentences.bytes("two/model.safetensors"))
  }

  /// The losses of products that are rounded follow those of floats, and are not the same.
  @Test(.enabled(if: ProductPrecision.hasTiles)) func learnsInBfloat16() throws {
    var sentences = try Sentences()
    (sentences.settings.optimization.epochs, sentences.settings.optimization.patience) = (10, 10)
    func losses(_ precision: ProductPrecision) throws -> [Double] {
      var losses: [Double] = []
      sentences.settings.optimization.precision = precision
      try sentences.train(into: precision.rawValue) { event in
        if case .epoch(let metrics, _) = event { losses.append(metrics.trainingLoss) }
      }
      return losses
    }
    let (single, rounded) = (try losses(.single), try losses(.bfloat16))
    #expect(single.count == 10 && single != rounded)
    for (a, b) in zip(single, rounded) { #expect(abs(a - b) < 0.01 * a) }
  }

  @Test func oneNetworkLearnsSeveralLanguages() throws {
    var sentences = try Sentences(.gru)
    (sentences.settings.network.embedding, sentences.settings.network.hidden) = (32, 32)
    (sentences.settings.network.encoderHidden, sentences.settings.network.attention) = (16, 16)
    sentences.settings.optimization.sentencesPerBatch = 5
    (sentences.settings.optimization.epochs, sentences.settings.optimization.patience) = (80, 80)
    (sentences.settings.optimization.learningRate, sentences.settings.optimization.decayPerEpoch) = (
      0.02, 0.97
    )
    (sentences.settings.units.dropout, sentences.settings.optimization.averageDecay) = (0, 0.5)
    (sentences.settings.regularization.outputDropout, sentences.settings.regularization.embeddingDropout) = (
      0, 0
    )
    (sentences.settings.regularization.featureDropout, sentences.settings.regularization.labelSmoothing) = (
      0, 0
    )
    sentences.settings.regularization.attentionPenalty = 0
    var scores: [String: Double]?
    try sentences.train(into: "both", to: ["pt", "fr"]) { event in
      if case .epoch(let metrics, true) = event { scores = metrics.bleuBySource }
    }
    #expect(scores?.keys.sorted() == ["fr", "pt"])
    let model = try TranslationModel(contentsOf: sentences.folder.url.appendingPathComponent("both"))
    #expect(model.configuration.languages == ["pt", "fr"] && model.configuration.source == "de")
    let portuguese = try TranslationEngine(model, to: "pt")
    let french = try TranslationEngine(model, to: "fr")
    #expect(portuguese.translation(of: "Zwei Hund läuft.") == "Dois cão corre.")
    #expect(french.translation(of: "ein Mann steht") == "un homme reste")
    #expect(throws: UnknownLanguage(language: "cs", known: ["pt", "fr"])) {
      try TranslationEngine(model, to: "cs")
    }
  }

  @Test func aModelLearnsMore() throws {
    var sentences = try Sentences(.gru)
    try sentences.train(into: "first")
    try sentences.folder.write("de\tpt\nein Bär steht\tum urso fica\n", "more/train.tsv")
    // Other sizes are not asked.
    sentences.settings.network.hidden = 40
    (sentences.settings.optimization.epochs, sentences.settings.optimization.learningRate) = (1, 0)
    sentences.settings.optimization.averageDecay = 0
    try sentences.train(into: "same", ["data": 1, "more": 3], from: "first")
    for name in ["model.safetensors", "config.json", "source.txt", "target.txt"] {
      #expect(try sentences.bytes("first/\(name)") == sentences.bytes("same/\(name)"), "\(name)")
    }
    sentences.settings.optimization.learningRate = 0.01
    try sentences.train(into: "more learned", ["data": 1, "more": 3], from: "first")
    #expect(
      try sentences.bytes("first/model.safetensors") != sentences.bytes("more learned/model.safetensors"))
    #expect(try sentences.bytes("first/source.txt") == sentences.bytes("more learned/source.txt"))
    #expect {
      try sentences.train(into: "french", to: ["fr"], from: "first")
    } throws: {
      "\($0)".hasSuffix("first/model.safetensors: translates from de to pt")
    }
    #expect {
      try sentences.data(["more": 1])
    } throws: {
      "\($0)".contains("more/train.tsv: no val.tsv beside it")
    }
  }

  @Test func sentencesAreShownAsOftenAsAsked() throws {
    let sentences = try Sentences()
    try sentences.folder.write("de\tpt\nein Bär steht\tum urso fica\n", "more/train.tsv")
    let once = try sentences.data().count
    #expect(try sentences.data(["data": 1, "more": 3]).count == once + 3)
    #expect(try sentences.data(["data": 2, "more": 1]).count == 2 * once + 1)
  }

  @Test func whatTheDataDoNotHaveIsSaid() throws {
    let sentences = try Sentences()
    #expect {
      try sentences.data(to: ["cs"])
    } throws: {
      "\($0)".hasSuffix("train.tsv: line 1: no column cs; there are: de, pt, fr")
    }
  }

  @Test(arguments: [
    ("", "no sentences"), ("en\n", "line 1: the header must name two languages or more, each once"),
    ("en\ten\na\tb\n", "line 1: the header must name two languages or more, each once"),
    ("en\tde\na\n", "line 2: 2 columns expected, 1 found"),
    ("en\tde\na\t \n", "line 2: no sentence in column de"),
    ("en\tde\n", "no sentences"), ("en\tde\na\tb\n\n", "line 3: 2 columns expected, 1 found"),
  ])
  func aTableThatIsNoneIsRefused(text: String, reason: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(text, "t.tsv")
    #expect {
      try TranslationDataset.Table(contentsOf: folder.url.appendingPathComponent("t.tsv"))
    } throws: {
      "\($0)".hasSuffix("t.tsv: \(reason)")
    }
  }

  @Test func aTableIsReadAsItIs() throws {
    let folder = try TemporaryFolder()
    try folder.write("\u{feff}en\tde\r\na \"b\"\tÄ\r\n", "t.tsv")
    let table = try TranslationDataset.Table(contentsOf: folder.url.appendingPathComponent("t.tsv"))
    #expect(table.languages == ["en", "de"] && table.sentences == [["a \"b\""], ["Ä"]])
    try folder.write([0x61, 0x09, 0x62, 0x0a, 0xff, 0x09, 0x62, 0x0a], "b.tsv")
    #expect(throws: DataError.self) {
      try TranslationDataset.Table(contentsOf: folder.url.appendingPathComponent("b.tsv"))
    }
  }

  @Test(arguments: [
    (#"{"network": {"architecture": "cnn"}}"#, "must be lstm or gru or rnn or transformer, not cnn"),
    (#"{"units": {"target": 100}}"#, "must be 261 to 1000000, not 100"),
    (
      #"{"network": {"architecture": "transformer", "hidden": 64}}"#,
      "must be as wide as a Transformer's embedding, 256, not 64"
    ),
    (
      #"{"network": {"architecture": "transformer", "hidden": 256, "attention": 0}}"#,
      "must be a multiple of the 4 heads, not 0"
    ),
  ])
  func settingsThatCannotBeAreRefused(text: String, reason: String) {
    #expect {
      try TranslationSettings(json: Data(text.utf8), path: "s.json")
    } throws: {
      "\($0)".hasSuffix(reason)
    }
  }
}
