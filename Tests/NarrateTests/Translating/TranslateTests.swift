import Foundation
import Subprocess
import TestSupport
import Testing

/// `narrate translate`, `narrate train translate` and `narrate evaluate --bleu`, with a model that they make of a few sentences.
@Suite struct TranslateTests {
  private let folder: TemporaryFolder

  private static let words = [
    "A": "Um", "Two": "Dois", "dog": "cão", "man": "homem", "runs.": "corre.", "stands.": "fica.",
  ]
  private static let sentences = [
    "A dog runs.", "A man stands.", "Two dog runs.", "Two man runs.", "A dog stands.",
  ]

  init() throws {
    folder = try TemporaryFolder()
    let lines = Self.sentences.map { sentence in
      sentence + "\t"
        + sentence.split(separator: " ").compactMap { Self.words[String($0)] }.joined(separator: " ")
    }
    let table = (["en\tpt"] + lines).joined(separator: "\n") + "\n"
    try folder.write(table, "data/train.tsv")
    try folder.write(table, "data/val.tsv")
    try folder.write(
      """
      {"network": {"architecture": "gru", "embedding": 32, "encoderHidden": 16, "hidden": 32, "attention": 16,
        "projection": 32},
       "units": {"source": 300, "target": 300, "minimumCount": 1, "dropout": 0},
       "regularisation": {"outputDropout": 0, "embeddingDropout": 0, "featureDropout": 0,
        "labelSmoothing": 0},
       "optimisation": {"epochs": 40, "patience": 40, "sentencesPerBatch": 5, "warmupSteps": 0,
        "learningRate": 0.02, "averageDecay": 0.5, "decayPerEpoch": 1},
       "validation": {"beam": 2}}
      """, "settings.json")
  }

  private func train() async throws {
    let result = try await narrate(
      [
        "train", "translate", "--data", "data", "--to", "pt", "--output", "models/pt", "--config",
        "settings.json",
      ],
      in: folder)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("BLEU 100.00"))
  }

  @Test func linesAreTranslatedInTheirOrder() async throws {
    try await train()
    let usual = ["translate", "--to", "pt"]
    let texts = try await narrate(usual + ["a dog runs", "Two man runs."], in: folder)
    #expect(texts.status == 0 && texts.errors.isEmpty && texts.output == "um cão corre\nDois homem corre.\n")
    try folder.write("A dog stands.\n\n  \nA man stands.\r\ntwo dog runs", "lines.txt")
    let expected = "Um cão fica.\n\n  \nUm homem fica.\ndois cão corre\n"
    let lines = try await narrate(usual + ["--file", "lines.txt", "--threads", "2"], in: folder)
    #expect(lines.status == 0 && lines.output == expected)
    let input = try await Program.run(
      Arguments(usual), in: folder, environment: [:],
      input: .string("A dog stands.\n\n  \nA man stands.\ntwo dog runs\n"))
    #expect(input.status == 0 && input.output == expected)
    let file = try await narrate(
      usual + ["--file", "lines.txt", "--output", "out.txt", "--beam", "2", "--model", "models/pt"],
      in: folder)
    #expect(file.status == 0 && file.output.isEmpty)
    #expect(try String(contentsOfFile: folder.path("out.txt"), encoding: .utf8) == expected)
  }

  @Test func whatCannotBeTranslatedIsToldAndNothingLost() async throws {
    try await train()
    let usual = ["translate", "--to", "pt"]
    try folder.write(Array("A dog runs.\n".utf8) + [0xff, 0x0a] + Array("Two man runs.\n".utf8), "bad.txt")
    let bytes = try await narrate(usual + ["--file", "bad.txt"], in: folder)
    #expect(bytes.status == 1 && bytes.output == "Um cão corre.\n\nDois homem corre.\n")
    #expect(bytes.errors.contains("bad.txt: line 2: not UTF-8"))
    let long = Array(repeating: "a dog runs and", count: 250).joined(separator: " ")
    let result = try await narrate(usual + [long, "日本語 👩‍👩‍👧"], in: folder)
    #expect(
      result.status == 0 && result.output.split(separator: "\n", omittingEmptySubsequences: false).count == 3)
    #expect(result.output.split(separator: " ").count > 50)
    let absent = try await narrate(usual + ["--file", "none.txt", "a dog runs"], in: folder)
    #expect(absent.status == 1 && absent.output == "um cão corre\n" && absent.errors.contains("none.txt"))
  }

  @Test func languagesThatNobodyKnowsAreUsage() async throws {
    let unknown = try await narrate(["translate", "--to", "xx", "a dog"], in: folder)
    #expect(unknown.status == 64 && unknown.errors.contains("no language xx; there are: cs, de, fr, pt"))
    let none = try await narrate(["translate", "--to", "de", "a dog"], in: folder)
    #expect(none.status == 65 && none.errors.contains("no translation model to de found there"))
    // Beside which there are no others.
    let models = SummarizeProgram.models
    let without = try await shell(
      "ln -s \(models)/caption-everyday m && $narrate caption \(models)/../assets/dog.jpg --language cs --model m",
      in: folder, environment: ["NARRATE_MODELS": folder.path])
    #expect(
      without.status == 65 && without.errors.contains("no translation model to cs found there"), "\(without)")
    for command in [["caption"], ["label"], ["summarize", "-o", "x"], ["library", "add"], ["alt-text"]] {
      let result = try await narrate(command + ["--language", "xx", "a"], in: folder)
      #expect(result.status == 64 && result.errors.contains("en"), "\(command)")
    }
    let data = try await narrate(
      ["train", "translate", "--data", "data", "--to", "de", "--output", "m"], in: folder)
    #expect(data.status == 65 && data.errors.contains("train.tsv: line 1: no column de; there are: en, pt"))
    let same = try await narrate(
      ["train", "translate", "--data", "data", "--to", "en", "--output", "m"], in: folder)
    #expect(same.status == 64)
  }

  @Test func aModelOfAnotherVersionIsSaidToBe() async throws {
    try await train()
    let path = folder.path("models/pt/config.json")
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try folder.write(text.replacing("\"format\" : 1", with: "\"format\" : 9"), "models/pt/config.json")
    let result = try await narrate(["translate", "--to", "pt", "a dog"], in: folder)
    #expect(result.status == 65 && result.errors.contains("a model of format 9; this version runs format 1"))
  }

  @Test func translationsAreScored() async throws {
    try folder.write("Ein Hund läuft über das Gras.\nZwei Männer stehen.\n", "a.txt")
    try folder.write("Ein brauner Hund rennt über das Gras.\nZwei Männer stehen.\n", "b.txt")
    let usual = ["evaluate", "--bleu", "--references", "b.txt"]
    let table = try await narrate(usual + ["--candidates", "a.txt"], in: folder)
    #expect(
      table.status == 0 && table.output == "2 sentences\nBLEU   55.71\nchrF   66.14\n", "\(table.output)")
    let json = try await narrate(usual + ["--candidates", "a.txt", "--format", "json"], in: folder)
    #expect(json.output.hasPrefix("{\"sentences\":2,\"bleu\":55.706"), "\(json.output)")
    try folder.write("Ein Hund.\n", "c.txt")
    let short = try await narrate(usual + ["--candidates", "c.txt"], in: folder)
    #expect(short.status == 65 && short.errors.contains("1 lines, and 2 in b.txt"))
    let other = try await narrate(usual + ["--candidates", "a.txt", "--human"], in: folder)
    #expect(other.status == 64)
  }
}
