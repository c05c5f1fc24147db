import Foundation
import Models
import Narration
import Reports
import TestSupport
import Testing

@Test(arguments: [
  ["caption"], ["caption", ""], ["caption", "a.jpg", "--beam", "0"], ["caption", "a.jpg", "--beam", "65"],
  ["caption", "a.jpg", "--top", "0"], ["caption", "a.jpg", "--max-words", "0"],
  ["caption", "a.jpg", "--threads", "0"],
  ["caption", "a.jpg", "--format", "pdf"], ["caption", "a.jpg", "--beam", "three"],
  ["caption", "a.jpg", "--color"], ["caption", "a.jpg", "--precision", "f16"],
  ["summarize", "v.mp4", "--output", "out", "--precision", "f16"], ["calibrate"],
  ["calibrate", "--data", ""], ["calibrate", "reranker"], ["calibrate", "reranker", "--data", ""],
  ["calibrate", "confidence", "--data", "d", "--plot", "p.pdf"],
  ["calibrate", "reranker", "--data", "d", "--beam", "1"],
  ["caption", "a.jpg", "--sidecar", "json"], ["caption", "a.jpg", "--keywords"],
  ["caption", "a.jpg", "--prefix", "a"],
  ["caption", "a.jpg", "--txt", "--max-length", "19"], ["caption", "-", "--txt"],
  ["caption", "a.jpg", "--txt", "--max-length", "20", "--suffix", "0123456789."],
  ["caption", "a.mp4", "--txt", "--every", "2"], ["caption", "a.jpg", "--txt", "--existing", "keep"],
  ["alt-text"], ["alt-text", ""], ["alt-text", "a.html", "--check", "--dry-run"],
  ["alt-text", "a.html", "--max-length", "19"],
  ["caption", "a.jpg", "--people", "bold"], ["summarize", "a.mp4", "--output", "b", "--people", ""],
  ["evaluate", "--references", "a", "--candidates", "b", "--people", "guess"],
  ["train", "encoder", "--data", "d"], ["train", "encoder", "--output", "o"],
  ["train", "encoder", "--output", "o", "--data", "d=0"],
  ["calibrate", "reranker", "--data", "d", "--landmarks", "0"],
  ["info", "--format", "csv"], ["sing"], ["info", "--model", ""], ["info", "--model="],
  ["caption", "a.jpg", "--attention", ""], ["caption", "a.jpg", "-o", ""],
  ["train", "label", "--data", "a", "--data", "b", "--output", "o"],
  ["train", "shots", "--data", "a", "--data", "b", "--output", "o"],
])
func wrongArgumentsAre64(arguments: [String]) async throws {
  let result = try await narrate(arguments, in: TemporaryFolder())
  #expect(result.status == 64)
  #expect(result.output.isEmpty)
  #expect(result.errors.hasPrefix("Error: "))
}

@Test func helpAndVersion() async throws {
  let folder = try TemporaryFolder()
  let version = try await narrate(["--version"], in: folder)
  #expect(version.status == 0 && version.output == "0.1.0\n")
  let help = try await narrate(["caption", "--help"], in: folder)
  #expect(help.status == 0)
  for option in [
    "--recursive", "--beam", "--top", "--max-words", "--people", "--format", "--attention", "--output",
    "--ignore-orientation",
    "--model", "--precision", "--threads", "--progress", "--verbose",
  ] { #expect(help.output.contains(option)) }
}

@Test(.enabled(if: !Precision.bf16.isSupported)) func aPrecisionThatTheCPULacksIs64() async throws {
  for command in ["caption", "benchmark", "summarize"] {
    let more = command == "summarize" ? ["--output", "out", "--detector", "adaptive"] : []
    let arguments = [command, "a.jpg", "--precision", "bf16", "--model", "none"] + more
    let result = try await narrate(arguments, in: TemporaryFolder())
    #expect(result.status == 64 && result.output.isEmpty)
    #expect(result.errors == "narrate: This CPU cannot calculate in bf16.\n")
  }
}

@Test(arguments: [
  ["caption", "a.jpg", "--format", "json"], ["caption", "a.jpg", "b.jpg", "--output", "out"],
  ["summarize", "v.y4m", "--output", "out", "--detector", "adaptive"],
])
func anUnknownStyleIs64AndSaysWhichThereAre(arguments: [String]) async throws {
  let program = try SummarizeProgram()
  try program.write([.first], "v.y4m")
  let result = try await narrate(
    arguments + ["--style", "verse"], in: program.folder,
    environment: ["NARRATE_MODELS": SummarizeProgram.models])
  #expect(result.status == 64 && result.output.isEmpty)
  #expect(
    result.errors == "narrate: no style verse in caption-everyday; there are: photos, flickr8k, msrvtt\n")
  #expect(try program.folder.contents == ["v.y4m"])
}

@Test func noModelIs65AndSaysWhereItLooked() async throws {
  let folder = try TemporaryFolder()
  for arguments in [
    ["caption", "a.jpg"], ["info"], ["info", "--model", "none"], ["caption", "a.jpg", "--model", "none"],
  ] {
    let result = try await narrate(
      arguments, in: folder, environment: ["NARRATE_MODELS": folder.path + "/mine"])
    #expect(result.status == 65)
    #expect(result.output.isEmpty)
    #expect(result.errors.hasPrefix("narrate: ") && result.errors.filter { $0 == "\n" }.count == 1)
    #expect(result.errors.contains(arguments.contains("none") ? "none" : folder.path + "/mine"))
  }
  let result = try await narrate(["info", "--format", "json"], in: folder)
  #expect(result.status == 65 && result.output == "[]\n")
}

@Test func infoListsModelsAndTheirDamage() async throws {
  let folder = try TemporaryFolder()
  try folder.write(#"{"kind":"caption","encoder":{"architecture":"lite2"}}"#, "models/b/config.json")
  try folder.write(Data([2, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D]), "models/b/model.safetensors")
  try folder.write("---\nlicense: mit\nscores: {CIDEr: 0.5}\n---\n", "models/b/README.md")
  let good = try await narrate(["info"], in: folder)
  #expect(good.status == 0 && good.errors.isEmpty)
  #expect(good.output.hasPrefix("b\n  folder "))
  #expect(good.output.contains("encoder       lite2\n") && good.output.contains("scores.CIDEr  0.5\n"))

  try folder.write("{", "models/a/config.json")
  let bad = try await narrate(["info", "--format", "json"], in: folder)
  #expect(bad.status == 65)
  #expect(
    bad.output.contains(#""name":"b""#) && bad.output.contains(#""problem":"config.json: is not JSON""#))
  #expect(bad.errors.contains("models/a/config.json: is not JSON"))
}

/// The default model with a reranker of an older version, which its confidence was not fitted to.
/// Cards are by strangers: what they say is shown, and does nothing to the terminal.
@Test func whatACardSaysIsHarmless() async throws {
  let folder = try TemporaryFolder()
  try folder.write(#"{"kind":"shots\u001b[2J"}"#, "config.json")
  try folder.write(
    "---\n\"\\e[31mred\": \"\\e]0;title\\a\"\nturned: \"a\u{202E}b\"\nnext: \"\\x9b2J\"\n---\n", "README.md")
  for format in ["text", "json"] {
    let result = try await narrate(["info", "--model", ".", "--format", format], in: folder)
    #expect(result.status == 65 && result.output.contains("[31mred"))
    for text in [result.output, result.errors] {
      #expect(!text.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
      if format == "text" { #expect(!text.contains("\u{202E}")) }
    }
  }
}

@Test func filesOfAnotherVersionAreLeftAsideWithAWarning() async throws {
  let folder = try TemporaryFolder()
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let model = root.appendingPathComponent("models/caption-everyday")
  let header = Data(#"{"__metadata__":{"format":"2"}}  "#.utf8)
  try folder.write(Data([UInt8(header.count), 0, 0, 0, 0, 0, 0, 0]) + header, "old/reranker.safetensors")
  for name in try FileManager.default.contentsOfDirectory(atPath: model.path)
  where name != "reranker.safetensors" {
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("old/\(name)"), withDestinationPath: model.appendingPathComponent(name).path)
  }
  let picture = root.appendingPathComponent("assets/astronaut.jpg").path
  let old = try await narrate(["caption", picture, "--model", "old", "--threads", "2"], in: folder)
  #expect(old.status == 0 && !old.output.hasPrefix("unsure"))
  #expect(
    old.errors.contains("left aside") && old.errors.contains("reranker.safetensors, confidence.json")
      && old.errors.filter { $0 == "\n" }.count == 1, "\(old.errors)")
  let new = try await narrate(["caption", picture, "--model", model.path, "--threads", "2"], in: folder)
  #expect(new.status == 0 && new.errors.isEmpty && new.output.hasPrefix("unsure"))
}

@Test func outputThatCannotBeWrittenIs74() async throws {
  let folder = try TemporaryFolder()
  let result = try await narrate(["caption", "a.jpg", "--output", "no/such/folder.json"], in: folder)
  #expect(result.status == 74)
  #expect(result.errors == "narrate: no/such/folder.json: cannot open: no such file or directory\n")
}

@Test func librariesAreLoadedWhenTheyAreNeeded() async throws {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  /// What the program loads, in the words of the dynamic linker, to caption a JPEG file.
  func loaded(_ arguments: [String]) async throws -> String {
    let folder = try TemporaryFolder()
    let picture = root.appendingPathComponent("assets/dog.jpg").path
    let model = root.appendingPathComponent("models/caption-everyday").path
    let result = try await narrate(
      ["caption", picture, "--model", model, "--threads", "1"] + arguments, in: folder,
      environment: ["LD_DEBUG": "files", "LD_DEBUG_OUTPUT": folder.path("loaded")])
    #expect(result.status == 0, "\(result.errors)")
    let reports = try folder.contents.filter { $0.hasPrefix("loaded.") }
    return try reports.map { try String(contentsOfFile: folder.path($0), encoding: .utf8) }.joined()
  }
  let plain = try await loaded([])
  #expect(plain.contains("libjpeg.so") && !plain.contains("libcairo.so") && !plain.contains("libavformat.so"))
  #expect(try await loaded(["--attention", "strips"]).contains("libcairo.so"))
}
