import Foundation
import TestSupport
import Testing

/// `narrate import`, and what it makes in other commands.
@Suite struct ImportTests {
  private let folder: TemporaryFolder
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  private static let checkpoints = root.appendingPathComponent("Tests/ModelsTests/Fixtures/checkpoints").path
  private static let dog = root.appendingPathComponent("assets/dog.jpg").path

  init() throws { folder = try TemporaryFolder() }

  private func run(_ line: String) async throws -> Program.Outcome {
    try await shell(
      line.replacingOccurrences(of: "$dog", with: Self.dog)
        .replacingOccurrences(of: "$checkpoints", with: Self.checkpoints), in: folder)
  }

  private func caption(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test(arguments: ["git", "git-clip", "blip"]) func whatIsImportedCaptions(kind: String) async throws {
    let made = try await run("$narrate import $checkpoints/\(kind) --output models/\(kind)")
    #expect(made == (0, "", ""))
    #expect(
      try folder.contents(of: "models/\(kind)")
        == ["README.md", "config.json", "model.safetensors", "vocabulary.txt"])
    let told = try await run(
      "$narrate caption $dog --model models/\(kind) --format jsonl --top 2 --precision f32")
    #expect(told.status == 0 && told.errors.isEmpty)
    let object = try caption(told.output)
    let words = try #require(object["words"] as? [[String: Any]])
    let probabilities = words.compactMap { $0["probability"] as? Double }
    let mean = exp(probabilities.reduce(0) { $0 + log($1) } / Double(probabilities.count))
    #expect(abs(try #require(object["confidence"] as? Double) - mean) < 0.002)
    #expect(object["model"] as? String == kind && (object["alternatives"] as? [Any])?.count == 1)
    // Whatever the threads and the batch.
    let several = try await run(
      "cp $dog a.jpg; cp $dog b.jpg; cp $dog c.jpg; cp $dog d.jpg; cp $dog e.jpg; for n in 1 2; do "
        + "$narrate caption ?.jpg --model models/\(kind) --threads $n | cut -f 2 | sort -u; done"
    )
    let lines = several.output.split(separator: "\n")
    #expect(
      several.status == 0 && lines == [lines[0], lines[0]] && String(lines[0]) == object["caption"] as? String
    )
    let info = try await run("$narrate info --model models/\(kind)")
    #expect(info.status == 0 && info.output.contains("cc0-1.0"))
  }

  @Test func otherCommandsTakeItToo() async throws {
    let program = try SummarizeProgram()
    try program.write([.first], "v.y4m")
    let video = try await run(
      "$narrate import $checkpoints/git-clip --output m && "
        + "$narrate caption \(program.folder.path("v.y4m")) --model m && "
        + "$narrate caption $dog --model m --attention strips && $narrate benchmark $dog --model m --rounds 1 | head -1"
    )
    #expect(video.status == 0, "\(video)")
    #expect(try folder.contents(of: "strips").count == 1)
    let summary = try await run(
      "$narrate summarize \(program.folder.path("v.y4m")) --model m --output s && ls s")
    #expect(summary.status == 0 && summary.output.contains("summary.json"), "\(summary)")
  }

  /// The model that is taken without being named stays what it is.
  @Test func anImportIsNotTheDefault() async throws {
    let told = try await shell(
      "mkdir models && cp -r \(SummarizeProgram.models)/caption-everyday models/z && "
        + "$narrate import \(Self.checkpoints)/git --output models/a && unset NARRATE_MODELS && "
        + "$narrate caption \(Self.dog) --format jsonl", in: folder)
    #expect(try caption(told.output)["model"] as? String == "z")
  }

  @Test(arguments: [
    ("import none --output m", 65, "none: no such folder"),
    ("import $checkpoints/git", 64, "--output"),
    ("import . --output m", 65, "no model.safetensors"),
    ("import $checkpoints/git --output /proc/m", 74, "/proc/m"),
    ("import there --output there", 64, "is the checkpoint's folder"),
    ("import $checkpoints/git --output old", 64, "--force replaces it"),
    ("caption $dog --model $checkpoints/git", 65, "config.json"),
    ("train caption --data . --output o --from m0", 65, "m0"),
    ("calibrate reranker --model m0 --data data", 65, "m0"),
  ])
  func whatCannotBeIsALine(line: String, status: Int32, reason: String) async throws {
    try folder.write("{}", "there/config.json")
    try folder.write("{}", "old/config.json")
    try folder.write("image\tsplit\tcaption\na.jpg\tval\ta dog\n", "data/captions.tsv")
    let made = try await run("$narrate import $checkpoints/git --output m0; $narrate \(line)")
    #expect(made.status == status, "\(made)")
    #expect(made.errors.contains(reason) && made.output.isEmpty, "\(made)")
    #expect(!FileManager.default.fileExists(atPath: folder.path("m")))
  }
}
