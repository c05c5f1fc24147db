import Files
import Foundation
import Models
import Narration
import Reports
import TestSupport
import Testing
import narrate

private struct NetworkBroke: Error {}

/// Runs a job over inputs named after what becomes of them.
private func run(
  _ names: [String], _ format: CaptionFormat, to path: String, workers: Int = 2
) throws -> RunStatus {
  let describe = { (input: Input) -> Result<CaptionResult.Described, InputFailure> in
    switch input.path.text {
    case "bad": return .failure(InputFailure(kind: .undecodable, message: "broken"))
    case "fatal": throw NetworkBroke()
    case "stop": throw RunStatus.interrupted(by: SIGINT)
    default:
      let word = Caption.Word(text: "dog", probability: 1, attention: [])
      return .success(
        CaptionResult.Described(
          captions: [Caption(words: [word], logProbability: 0)], width: 1, height: 1, milliseconds: 1,
          model: "m"))
    }
  }
  let job = CaptionJob(
    inputs: names.map { Input(GivenPath(argument: $0)) }, writer: CaptionWriter(format, showsPaths: true),
    workers: Array(repeating: { try $0.map(describe) }, count: workers))
  return try job.run(output: ResultOutput(path: GivenPath(argument: path)), console: Console(.none))
}

@Test func theOthersAreStillDone() throws {
  let folder = try TemporaryFolder()
  let path = folder.path + "/out"
  #expect(try run(["a", "b"], .text, to: path) == .success)
  #expect(try run(["a", "bad", "b"], .text, to: path) == .someInputsFailed)
  #expect(try String(contentsOfFile: path, encoding: .utf8) == "a\tdog\nb\tdog\n")
}

@Test(arguments: ["fatal", "stop"]) func nothingHalfIsLeft(name: String) throws {
  let folder = try TemporaryFolder()
  #expect(throws: (any Error).self) { try run(["a", name, "b"], .json, to: folder.path + "/out") }
  #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
}

@Test func whatIsPrintedIsWholeWhenTheRunEnds() throws {
  // A pipe's end is written to directly, as standard output is.
  let pipe = Pipe()
  let path = "/proc/self/fd/\(pipe.fileHandleForWriting.fileDescriptor)"
  #expect(throws: RunStatus.interrupted(by: SIGINT)) { try run(["a", "bad", "stop", "b"], .json, to: path) }
  try pipe.fileHandleForWriting.close()
  let data = try #require(try pipe.fileHandleForReading.readToEnd())
  guard case .array(let entries) = try JSONDecoder().decode(JSON.self, from: data) else {
    Issue.record("not an array")
    return
  }
  #expect(entries.map { $0["status"]?.string } == ["ok", "error"])
}

@Test func errorsHaveTheirStatus() {
  #expect(RunStatus(for: ModelError.missing(path: "m", reason: "r")).code == 65)
  #expect(RunStatus(for: ModelError.damaged(path: "m", reason: "r")).code == 65)
  #expect(RunStatus(for: FileError(.write, path: "o", code: ENOSPC)).code == 74)
  #expect(RunStatus(for: FileError(.write, path: "o", code: EPIPE)).code == 0)
  #expect(RunStatus(for: RunStatus.interrupted(by: SIGINT)).code == 130)
}
