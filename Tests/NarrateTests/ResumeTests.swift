import Files
import Foundation
import TestSupport
import Testing
import narrate

/// `narrate caption --resume` with pictures of this repository.
@Suite struct ResumeTests {
  private let folder = try! TemporaryFolder()
  private static let assets = URL(fileURLWithPath: SummarizeProgram.models).deletingLastPathComponent()
    .appendingPathComponent("assets")

  init() throws {
    for name in ["cat", "dog", "horses"] {
      try folder.write(Data(contentsOf: Self.assets.appendingPathComponent("\(name).jpg")), "d/\(name).jpg")
    }
    try folder.write("words", "d/notes.txt")
    try folder.write("words", "d/words.jpg")
  }

  private func resume(_ options: String = "") async throws -> (status: Int32, output: String, errors: String)
  {
    try await shell("$narrate caption -r d --output o.jsonl --resume \(options)", in: folder)
  }

  private var results: [JSON] {
    get throws {
      try String(contentsOfFile: folder.path("o.jsonl"), encoding: .utf8).split(separator: "\n").map {
        try JSONDecoder().decode(JSON.self, from: Data($0.utf8))
      }
    }
  }

  private func key(_ name: String) throws -> String {
    try ContentKey(contentsOf: GivenPath(folder.path(name))).description
  }

  private func move(_ name: String, _ other: String) throws {
    try FileManager.default.moveItem(atPath: folder.path(name), toPath: folder.path(other))
  }

  @Test func whatIsDoneIsKnownByItsContent() async throws {
    let first = try await resume()
    #expect(first.status == 0)
    #expect(
      first.errors == """
        narrate: warning: named like a picture or video and beginning like none: d/words.jpg
        narrate: 3 done, 0 skipped, 0 failed, 2 passed over, no picture or video

        """)
    #expect(try results.map { $0["path"]?.string } == ["d/cat.jpg", "d/dog.jpg", "d/horses.jpg"])
    #expect(
      try results.map { $0["content"]?.string } == ["d/cat.jpg", "d/dog.jpg", "d/horses.jpg"].map(key))
    let plain = try await shell("$narrate caption -r d --format jsonl", in: folder).output
    let marked = try String(contentsOfFile: folder.path("o.jsonl"), encoding: .utf8)
      .replacing(#/,"content":"[0-9a-f]{32}-[0-9]+"}\n/#, with: "}\n")
    let times = #/"milliseconds":[0-9.]+/#
    #expect(marked.replacing(times, with: "") == plain.replacing(times, with: ""))

    // Moved, renamed, copied, and of another time.
    try FileManager.default.createDirectory(atPath: folder.path("d/deep"), withIntermediateDirectories: true)
    try move("d/cat.jpg", "d/deep/tiger.bin")
    try FileManager.default.copyItem(atPath: folder.path("d/dog.jpg"), toPath: folder.path("d/copy.jpg"))
    let before = try results.map(\.text)
    let second = try await resume("--progress json")
    #expect(second.status == 0 && second.errors.contains(#""done":0,"skipped":4,"#))
    #expect(try results.map(\.text) == before)
    // The same name and other bytes.
    try folder.write(
      Data(contentsOf: Self.assets.appendingPathComponent("rocket.jpg")), "d/horses.jpg")
    #expect(try await resume().errors.contains("1 done, 3 skipped, 0 failed"))
    #expect(try results.map(\.text).dropLast() == before[...])
  }

  @Test func failuresAreTriedAgainWhenAsked() async throws {
    let broken = try Data(contentsOf: Self.assets.appendingPathComponent("coffee.jpg")).prefix(2000)
    try folder.write(broken, "d/broken.jpg")
    #expect(try await resume().errors.contains("3 done, 0 skipped, 1 failed (1 undecodable)"))
    let again = try await resume()
    #expect(again.status == 1)
    #expect(again.errors.contains("0 done, 3 skipped, 0 failed, 1 failed before"))
    #expect(try results.count == 4)
    let retried = try await resume("--retry-failed")
    #expect(retried.errors.contains("0 done, 3 skipped, 1 failed (1 undecodable)"))
    #expect(try results.count == 4 && Set(results.map { $0["content"]?.string }).count == 4)
    try folder.write(Data(contentsOf: Self.assets.appendingPathComponent("coffee.jpg")), "d/broken.jpg")
    #expect(try await resume("--retry-failed").status == 0)
    #expect(try results.count == 4 && results.allSatisfy { $0["status"]?.string == "ok" })
  }

  @Test func aDryRunSaysWhatItWouldDo() async throws {
    let first = try await resume("--dry-run")
    #expect(first.output == "d/cat.jpg\nd/dog.jpg\nd/horses.jpg\n")
    #expect(first.errors.contains("3 to do, 0 skipped"))
    #expect(try folder.contents == ["d"])
    let plain = try await shell("$narrate caption -r d --dry-run", in: folder)
    #expect(plain.status == 0 && plain.output == first.output)
    _ = try await resume("--shard 1/1")
    try folder.write(Data(contentsOf: Self.assets.appendingPathComponent("rocket.jpg")), "d/rocket.jpg")
    #expect(try await resume("--dry-run").output == "d/rocket.jpg\n")
    #expect(try results.count == 3)
  }

  @Test func shardsDivideTheWork() async throws {
    var paths: [String] = []
    for part in 1...3 {
      let output = try await shell("$narrate caption -r d --shard \(part)/3 --beam 1", in: folder).output
      paths += output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
      #expect(
        try await resume("--shard \(part)/3 --dry-run").output
          == output.split(separator: "\n").map { $0.prefix { $0 != "\t" } + "\n" }.joined())
    }
    #expect(paths.sorted() == ["d/cat.jpg", "d/dog.jpg", "d/horses.jpg"])
    for wrong in ["0/3", "4/3", "1", "1/0", "-1/2", "1/2/3", "a/b", "1/99999999"] {
      #expect(try await shell("$narrate caption -r d --shard=\(wrong)", in: folder).status == 64, "\(wrong)")
    }
  }

  @Test(arguments: [
    "caption -r d --resume", "caption -r d --resume --output -",
    "caption -r d --resume --output o --format csv",
    "caption -r d --resume --output o --format text", "caption -r d --retry-failed",
    "caption -r d --resume --output o --attention a", "caption d/cat.jpg --resume --output d/cat.jpg",
    "caption --stdin d/cat.jpg", "caption --stdin --format csv", "caption --stdin --resume --output o",
    "label --stdin --format text", "label --stdin --timeline a.png",
  ]) func wrongCombinationsAreRefused(line: String) async throws {
    let result = try await shell("$narrate \(line) < /dev/null", in: folder)
    #expect(result.status == 64 && result.output.isEmpty)
    #expect(try folder.contents == ["d"])
  }

  @Test func otherFilesAreNotWrittenTo() async throws {
    for (text, said) in [
      ("path,caption\n", "line 1 is no result"),
      (#"{"path":"a","status":"ok","caption":"x"}"# + "\n", "line 1 is no result"),
      ("words", "does not end with a line of JSON"),
    ] {
      try folder.write(text, "o.jsonl")
      let result = try await resume()
      #expect(result.status == 65 && result.errors.hasPrefix("narrate: o.jsonl: \(said)"))
      #expect(try String(contentsOfFile: folder.path("o.jsonl"), encoding: .utf8) == text)
    }
    try FileManager.default.removeItem(atPath: folder.path("o.jsonl"))
    let result = try await shell("mkdir e; $narrate caption -r e --resume --output o.jsonl", in: folder)
    #expect(result.status == 1)
    #expect(result.errors.contains("narrate: e: no picture or video in this folder"))
  }

  @Test func aFullDiskLeavesWholeLines() async throws {
    let limit = "trap '' XFSZ; ulimit -f 3;"
    let result = try await shell(
      "\(limit) $narrate caption -r d --output o.jsonl --resume --threads 1", in: folder)
    #expect(result.status == 74)
    #expect(try String(contentsOfFile: folder.path("o.jsonl"), encoding: .utf8).hasSuffix("}\n"))
    #expect(try (1...2).contains(results.count))
    #expect(try await resume().status == 0)
    #expect(try results.count == 3)
  }

  @Test func linesOfOtherProgramsAreRead() throws {
    let key = ContentKey(Array("abc".utf8))
    func read(_ text: String) -> DoneContents.Line? { DoneContents.read(Array(text.utf8)[...]) }
    let path = #"x\\",\"status\":\"error\",\"content\":\"y"#
    #expect(read(#"{"path":"\#(path)","status":"ok","content":"\#(key)"}"#) == .done(key))
    #expect(
      read(#"{"path":"x","status":"error","error":{"kind":"empty"},"content":"\#(key)"}"#) == .failed(key))
    #expect(read(#"{"path":"x","status":"error","error":{"kind":"missing","message":"m"}}"#) == .failed(nil))
    #expect(read(#"{ "content": "\#(key)", "path": "x", "status": "ok" }"#) == .done(key))
    #expect(read(#"{"path":"x","status":"ok","extra":{"status":"ok","content":"\#(key)"}}"#) == nil)
    #expect(read(#"{"path":"x","status":"ok"}"#) == nil)
    #expect(read(#"{"path":"x","status":"ok","content":"abc"}"#) == nil)
  }

  /// Killed at some moments, it loses no picture and tells none twice. `Tests/SuddenDeath` does so a hundred times.
  @Test func aKilledRunIsGoneOnWith() async throws {
    for (index, name) in ["astronaut", "coffee", "rocket"].enumerated() {
      try folder.write(
        Data(contentsOf: Self.assets.appendingPathComponent("\(name).jpg")), "d/\(index)/\(name).jpg")
    }
    for delay in [0.05, 0.2, 0.3, 0.4, 0.5] {
      _ = try await shell(
        "{ $narrate caption -r d --output o.jsonl --resume --threads 1 & p=$!; sleep \(delay); kill -9 $p; wait $p; } 2> log; true",
        in: folder)
    }
    // As a write is that the kill came into.
    _ = try await shell(#"printf '{"path":"d/dog.jpg","status":"o' >> o.jsonl"#, in: folder)
    #expect(try await resume().status == 0)
    #expect(try results.count == 6 && Set(results.map { $0["content"]?.string }).count == 6)
  }
}
