import Files
import Foundation
import TestSupport
import Testing

/// Inputs that come through pipes, and names that are hard to give or to print.
@Suite struct PipesTests {
  private let program: SummarizeProgram
  private var folder: TemporaryFolder { program.folder }

  init() throws {
    program = try SummarizeProgram()
    try program.write([.first], "v.y4m")
    let assets = URL(fileURLWithPath: SummarizeProgram.models).deletingLastPathComponent()
    for name in ["a.jpg", "-dash.jpg", "line\nend.jpg"] {
      try FileManager.default.copyItem(
        atPath: assets.appendingPathComponent("assets/dog.jpg").path, toPath: folder.path(name))
    }
  }

  private static let captions = [
    "cat a.jpg | $narrate caption -", "cat a.jpg | $narrate caption /dev/stdin", "$narrate caption - < a.jpg",
    "$narrate caption /dev/stdin < a.jpg", "cat a.jpg | $narrate caption /proc/self/fd/0",
    "mkfifo p; { sleep 0.3; cat a.jpg; } > p & $narrate caption p",
    "mkfifo p; cat a.jpg > p & $narrate caption p --threads 2",
    "$narrate caption /dev/fd/3 3< a.jpg", "cat a.jpg | $narrate caption /dev/fd/3 3<&0 < /dev/null",
    "cat a.jpg | TMPDIR=/none $narrate caption -", "$narrate caption -- -dash.jpg",
    "$narrate caption *dash.jpg",
    "$narrate caption line*",
  ]

  @Test(arguments: captions) func aPictureIsReadFromWhereverItComes(line: String) async throws {
    let plain = try await shell("$narrate caption a.jpg", in: folder)
    let result = try await shell(line, in: folder)
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    #expect(result.output == plain.output)
  }

  @Test func severalPipesAtOnceAreAllRead() async throws {
    let script = """
      mkfifo p q; cat a.jpg > q & cat v.y4m > p & cat a.jpg | $narrate caption - p a.jpg q - --threads 2
      """
    let result = try await shell(script, in: folder)
    #expect(result.status == 0 && result.errors.isEmpty)
    let lines = result.output.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(lines.map(\.first) == ["-", "p", "a.jpg", "q", "-"])
    #expect(Set([0, 2, 3, 4].map { lines[$0].last }).count == 1)
  }

  @Test(arguments: ["-", "/dev/stdin", "p"]) func videosComeThroughPipesToo(name: String) async throws {
    let feed = name == "p" ? "mkfifo p; cat v.y4m > p &" : "cat v.y4m |"
    let label = try await shell(
      "\(feed) $narrate label \(name) --activitynet r.json --timeline t.svg --format jsonl", in: folder)
    #expect(label.status == 0 && label.errors.isEmpty, "\(label.errors)")
    let plain = try await shell("$narrate label v.y4m --format jsonl", in: folder)
    #expect(label.output == plain.output.replacing(#""path":"v.y4m""#, with: #""path":"\#(name)""#))
    #expect(try program.text("r.json").contains(name == "p" ? #""p":["# : #""stdin":["#))
    #expect(try program.text("t.svg").hasPrefix("<"))
    let summary = try await shell(
      "rm -f p; \(feed) $narrate summarize \(name) --output out --detector adaptive", in: folder)
    #expect(summary.status == 0 && summary.errors.isEmpty, "\(summary.errors)")
    #expect(try program.json("out/summary.json")["path"] as? String == name)
  }

  @Test func aPipeWithNothingInItIsEmpty() async throws {
    let result = try await shell(": | $narrate caption -; : | $narrate label -", in: folder)
    #expect(result.status == 1)
    #expect(result.errors == "narrate: -: the file is empty\nnarrate: -: the file is empty\n")
  }

  @Test func aDiskThatIsFullIsToldInALine() async throws {
    // As full as the file that a process may write is large: 100 blocks of 512 bytes.
    let result = try await shell(
      "trap '' XFSZ; cat v.y4m | (ulimit -f 100; $narrate caption -)", in: folder)
    #expect(result.status == 74 && result.output.isEmpty)
    #expect(result.errors.hasPrefix("narrate: temporary file in /tmp: cannot write: "))
    #expect(result.errors.filter { $0 == "\n" }.count == 1)
  }

  @Test func linesEndWhereNamesDoNot() async throws {
    let text = try await shell("$narrate caption line* a.jpg", in: folder)
    #expect(text.output.hasPrefix("line\\nend.jpg\t") && text.output.split(separator: "\n").count == 2)
    let null = try await shell("$narrate caption line* a.jpg --null", in: folder)
    #expect(null.output.hasPrefix("line\nend.jpg\t") && null.output.split(separator: "\0").count == 2)
    #expect(null.output.hasSuffix("\0"))
    let labels = try await shell("mv v.y4m 'v\n.y4m'; $narrate label v* --null", in: folder)
    #expect(labels.output.hasPrefix("v") && labels.output.hasSuffix("\0"))
    let json = try await shell("$narrate caption a.jpg --null --format json", in: folder)
    #expect(json.status == 64)
  }
}
