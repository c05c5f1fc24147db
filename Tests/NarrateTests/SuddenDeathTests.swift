import Foundation
import TestSupport
import Testing

/// Runs that are killed at any time. `Tests/SuddenDeath` does it at every kind of system call.
@Suite struct SuddenDeathTests {
  private let program: SummarizeProgram
  private var folder: TemporaryFolder { program.folder }

  init() throws {
    program = try SummarizeProgram()
    try program.write([.first], "v.y4m")
    let assets = URL(fileURLWithPath: SummarizeProgram.models).deletingLastPathComponent()
    for name in ["dog", "cat"] {
      try folder.write(
        Data(contentsOf: assets.appendingPathComponent("assets/\(name).jpg")), "pictures/\(name).jpg")
    }
  }

  /// Runs it, and kills it after some milliseconds.
  private func kill(_ line: String, after milliseconds: Int) async throws {
    let seconds = String(format: "%.3f", Double(milliseconds) / 1000)
    _ = try await shell(
      "{ $narrate \(line) & p=$!; sleep \(seconds); kill -9 $p; wait $p; } > log 2>&1; true", in: folder)
  }

  @Test func aFileIsWholeOrAsItWas() async throws {
    let line = "caption -r pictures --output out.txt --threads 1"
    #expect(try await shell("$narrate \(line)", in: folder).status == 0)
    let whole = try program.text("out.txt")
    for delay in [0, 20, 60, 120, 180, 250, 350, 500, 800] {
      try folder.write("old\n", "out.txt")
      try await kill(line, after: delay)
      #expect(["old\n", whole].contains(try program.text("out.txt")))
    }
    #expect(try await shell("$narrate \(line)", in: folder).status == 0)
    #expect(try program.text("out.txt") == whole)
    #expect(try folder.contents == ["log", "out.txt", "pictures", "v.y4m"])
  }

  @Test func aFolderIsWholeOrAsItWas() async throws {
    let line = "summarize v.y4m --output out --force --detector adaptive --threads 1"
    #expect(try await shell("$narrate \(line)", in: folder).status == 0)
    let names = ["captions.srt", "chapters.vtt", "index.html", "keyframes", "summary.json"]
    let mark = "\n\n"
    for delay in [0, 40, 100, 170, 240, 320, 450, 700, 1000] {
      // What the summary before was is told from a new one by two empty lines at the end of its files.
      for name in names where name != "keyframes" {
        try folder.write(program.text("out/\(name)") + mark, "out/\(name)")
      }
      try await kill(line, after: delay)
      #expect(try Set(names) == folder.contents(of: "out"))
      let isOld = try names.filter { $0 != "keyframes" }.map { try program.text("out/\($0)").hasSuffix(mark) }
      #expect(Set(isOld).count == 1)
    }
    #expect(try await shell("$narrate \(line)", in: folder).status == 0)
    #expect(try folder.contents == ["log", "out", "pictures", "v.y4m"])
  }
}
