import Foundation
import Media
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// What a user does first, through the program, with the models of this repository.
@Suite struct HappyPathTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  private static let environment = ["NARRATE_MODELS": root.appendingPathComponent("models").path]
  private static func asset(_ name: String) -> String { root.appendingPathComponent("assets/\(name)").path }
  private let dog: String

  init() async throws { dog = try await Program.dog }

  private func run(_ arguments: [String], in folder: TemporaryFolder) async throws -> String {
    let result = try await narrate(arguments, in: folder, environment: Self.environment)
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    return result.output
  }

  @Test func oneObjectALineWithAlternatives() async throws {
    let text = try await run(
      ["caption", Self.asset("dog.jpg"), "--format", "jsonl", "--top", "2"], in: TemporaryFolder())
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(object["caption"] as? String == dog && object["status"] as? String == "ok")
    #expect(object["width"] as? Int == 640 && object["height"] as? Int == 480)
    #expect(object["model"] as? String == "caption-everyday")
    let words = try #require(object["words"] as? [[String: Any]])
    #expect(words.map { $0["word"] as? String ?? "" }.joined(separator: " ") == dog)
    #expect((object["alternatives"] as? [Any])?.count == 1)
  }

  /// A photograph cut off at four fifths: what is there is captioned, and said; not with `--strict`.
  @Test func aDamagedPicture() async throws {
    let folder = try TemporaryFolder()
    let whole = try Data(contentsOf: URL(fileURLWithPath: Self.asset("dog.jpg")))
    try whole.prefix(whole.count * 4 / 5).write(to: URL(fileURLWithPath: folder.path("cut.jpg")))
    let result = try await narrate(
      ["caption", "cut.jpg", "--format", "jsonl"], in: folder, environment: Self.environment)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect(result.status == 0 && object["damaged"] as? Bool == true)
    #expect((object["caption"] as? String)?.contains("dog") == true)
    #expect(result.errors.contains("cut.jpg: damaged") && result.errors.contains("warning"))
    let strict = try await narrate(
      ["caption", "cut.jpg", "--strict"], in: folder, environment: Self.environment)
    #expect(
      strict.status == 1 && strict.output.isEmpty
        && strict.errors.hasPrefix("narrate: cut.jpg: cannot be decoded"))
  }

  @Test func aTableOfAFolderInAFile() async throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path("in/deep"), withIntermediateDirectories: true)
    for (name, place) in [("dog.jpg", "in/b.jpg"), ("coffee.jpg", "in/deep/a.dat")] {
      try FileManager.default.copyItem(atPath: Self.asset(name), toPath: folder.path(place))
    }
    try folder.write("no picture", "in/notes.txt")
    let output = try await run(
      ["caption", "in", "--recursive", "--format", "csv", "--output", "captions.csv"], in: folder)
    #expect(output.isEmpty)
    let lines = try String(contentsOfFile: folder.path("captions.csv"), encoding: .utf8)
      .split(separator: "\r\n")
    #expect(lines.count == 3 && lines[0].hasPrefix("path,status,rank,caption"))
    #expect(lines[1].hasPrefix("in/b.jpg,ok,1,\(dog),"))
    #expect(lines[2].hasPrefix("in/deep/a.dat,ok,1,a white bowl "))
  }

  @Test func subtitlesOfAVideo() async throws {
    let folder = try TemporaryFolder()
    var video = RawVideo(width: 64, height: 48, rate: 5)
    for frame in 0..<20 { video.append { row, column in UInt8(60 + (row + column + frame) % 12 * 10) } }
    try folder.write(video.bytes, "v.y4m")
    let text = try await run(["caption", "v.y4m", "--every", "2", "--format", "vtt"], in: folder)
    let cues = text.split(separator: "\n\n")
    #expect(cues.count == 3 && cues[0] == "WEBVTT")
    #expect(cues[1].hasPrefix("00:00:00.000 --> 00:00:02.000\n"))
    #expect(cues[2].hasPrefix("00:00:02.000 --> 00:00:04.000\n") && cues[2].hasSuffix("\n"))
  }

  @Test func aStripOfAttention() async throws {
    let folder = try TemporaryFolder()
    #expect(
      try await run(["caption", Self.asset("dog.jpg"), "--attention", "maps"], in: folder) == dog + "\n")
    let strip = try Picture(contentsOf: folder.path("maps/dog.png")).image
    #expect(strip.width > 1000 && strip.height > 300)
  }

  @Test func standardInput() async throws {
    let picture = try FileDescriptor.open(Self.asset("dog.jpg"), .readOnly)
    let result = try await Program.run(
      ["caption", "-"], in: TemporaryFolder(), environment: Self.environment,
      input: .fileDescriptor(picture, closeAfterSpawningProcess: true))
    #expect(result.status == 0 && result.output == dog + "\n")
  }

  /// Four pictures, of which two are measured by under other names: train, calibrate, evaluate, and caption with what was trained.
  @Test func trainCalibrateEvaluate() async throws {
    let folder = try TemporaryFolder()
    let names = ["dog", "coffee", "horses", "cat", "dog", "coffee"]
    var table = "image\tsplit\tcaption\n"
    for (index, name) in names.enumerated() {
      try FileManager.default.createDirectory(
        atPath: folder.path("data/images"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: Self.asset("\(name).jpg"), toPath: folder.path("data/images/\(index).jpg"))
      for text in ["a picture of a \(name)", "here is one \(name)"] {
        table += "\(index).jpg\t\(index < 4 ? "train" : "val")\t\(text)\n"
      }
    }
    try folder.write(table, "data/captions.tsv")
    try folder.write(
      #"{"vocabulary":{"minimumCount":1},"#
        + #""optimisation":{"epochs":30,"patience":30,"learningRate":0.02,"decayPerEpoch":1,"warmupSteps":1,"flips":false},"#
        + #""regularisation":{"outputDropout":0,"embeddingDropout":0,"featureDropout":0,"labelSmoothing":0},"#
        + #""decoder":{"embedding":16,"hidden":16,"attention":8,"projection":16}}"#, "settings.json")
    let epochs = try await run(
      ["train", "caption", "--data", "data", "--config", "settings.json", "--output", "mine"], in: folder)
    #expect(epochs.contains("epoch 30") && epochs.contains("the model is that of epoch"))
    #expect(epochs.contains("  CHAIRs "))
    let metrics = try String(contentsOfFile: folder.path("mine/metrics.jsonl"), encoding: .utf8)
    for line in metrics.split(separator: "\n") {
      #expect(["chairs", "coverage", "cider"].allSatisfy { line.contains("\"\($0)\":") }, "\(line)")
    }
    #expect(metrics.contains("\"chairi\":"))
    let precision = try await run(
      ["calibrate", "precision", "--data", "data", "--model", "mine"], in: folder)
    #expect(precision.contains("f32  CIDEr-D"))
    #expect(try folder.contents(of: "mine").isSuperset(of: ["config.json", "precision.json", "metrics.svg"]))
    let scores = try await narrate(
      ["evaluate", "--data", "data", "--model", "mine", "--human", "--save-candidates", "c.jsonl"],
      in: folder,
      environment: Self.environment)
    #expect(scores.status == 0 && scores.output.hasPrefix("2 images, 4 references\n"))
    #expect(scores.output.contains("CIDEr-D") && scores.output.contains("people"))
    let again = try await run(
      ["evaluate", "--references", "data/captions.tsv", "--split", "val", "--candidates", "c.jsonl"],
      in: folder)
    // The captions that were saved have the scores that were told.
    func firstColumn(_ table: String) -> [[Substring]] {
      table.split(separator: "\n").map { Array($0.split(separator: " ").prefix(2)) }
        .filter { $0.count == 2 && Double($0[1]) != nil }
    }
    #expect(again.hasPrefix("2 images, 4 references\n"))
    #expect(firstColumn(again) == firstColumn(scores.output))
    #expect(firstColumn(again).contains(["BLEU-4", "1.0000"]))
    let said = try await run(["caption", "data/images/0.jpg", "--model", "mine"], in: folder)
    #expect(["a picture of a dog\n", "here is one dog\n"].contains(said), "\(said)")
  }
}
