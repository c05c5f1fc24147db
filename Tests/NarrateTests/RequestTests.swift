import Files
import Foundation
import Narration
import Reports
import TestSupport
import Testing
import narrate

/// What comes through a pipe into which this was written.
private func lines(_ bytes: [UInt8], longest: Int = 100) throws -> [RequestLines.Line] {
  let pipe = Pipe()
  try pipe.fileHandleForWriting.write(contentsOf: Data(bytes))
  try pipe.fileHandleForWriting.close()
  let reader = RequestLines(descriptor: pipe.fileHandleForReading.fileDescriptor, longest: longest)
  var found: [RequestLines.Line] = []
  while let line = try reader.next(waits: true, { true }) { found.append(line) }
  return found
}

@Suite struct RequestTests {
  private let folder = try! TemporaryFolder()

  private func text(_ text: String) -> RequestLines.Line { .text(Array(text.utf8)) }

  @Test func linesAreCutOut() throws {
    #expect(try lines([]) == [])
    #expect(try lines(Array("a\n\nb\r\nc".utf8)) == [text("a"), text(""), text("b\r"), text("c")])
    let long = [UInt8](repeating: 7, count: 300)
    #expect(try lines(long + [10] + Array("a\n".utf8) + long) == [.tooLong, text("a"), .tooLong])
    #expect(try lines(long.prefix(100) + [10]) == [.text(Array(long.prefix(100)))])
  }

  @Test func aLineThatIsNotThereIsNotWaitedFor() throws {
    let pipe = Pipe()
    let reader = RequestLines(descriptor: pipe.fileHandleForReading.fileDescriptor)
    try pipe.fileHandleForWriting.write(contentsOf: Data("a\nb".utf8))
    #expect(try reader.next(waits: false, { true }) == text("a"))
    #expect(try reader.next(waits: false, { true }) == nil)
    #expect(try reader.next(waits: true, { false }) == nil)
    try pipe.fileHandleForWriting.write(contentsOf: Data("c\n".utf8))
    #expect(try reader.next(waits: true, { true }) == text("bc"))
  }

  @Test func everyLineHasItsAnswer() async throws {
    let assets = URL(fileURLWithPath: SummarizeProgram.models).deletingLastPathComponent()
      .appendingPathComponent("assets")
    let dog = try Data(contentsOf: assets.appendingPathComponent("dog.jpg"))
    try folder.write(dog, "dog.jpg")
    try folder.write(dog, "né.jpg")
    let data = dog.base64EncodedString()
    let requests = [
      "dog.jpg", #"{"id":"a","path":"dog.jpg"}"#, #"{"id":7,"data":"\#(data)"}"#,
      #"{"id":7.5,"path":"s3://b/dog.jpg","data":"\#(data)","more":[1]}"#, "né.jpg\r",
      #"{"id":"a","path":"dog.jpg"}"#,
      "{broken", "", "-", "/dev/stdin", #"{"path":"dog.jpg\u0000x"}"#, #"{"id":"b","data":"?"}"#,
      #"{"id":[],"path":"x"}"#,
      "{}", "none.jpg", #"{"id":"c","data":""}"#,
    ]
    let input = Array((requests.joined(separator: "\n") + "\n").utf8) + [0x7B, 0xFF, 0x7D, 0x0A]
    try folder.write(input, "requests")
    let result = try await shell("cat requests | $narrate caption --stdin --beam 1", in: folder)
    #expect(result.status == 1)
    let answers = try result.output.split(separator: "\n").map {
      try JSONDecoder().decode(JSON.self, from: Data($0.utf8))
    }
    let kinds = answers.map { $0["error"]?["kind"]?.string ?? $0["status"]?.string }
    #expect(
      kinds == [
        "ok", "ok", "ok", "ok", "ok", "unsupported", "undecodable", "empty", "unsupported", "unsupported",
        "missing",
        "undecodable", "unsupported", "unsupported", "missing", "empty", "undecodable",
      ])
    #expect(
      answers.map { $0["id"]?.text } == [
        nil, #""a""#, "7", "7.5", nil, #""a""#, nil, nil, nil, nil, nil, #""b""#, nil, nil, nil, #""c""#, nil,
      ])
    #expect(
      answers.prefix(5).map { $0["path"]?.string } == [
        "dog.jpg", "dog.jpg", nil, "s3://b/dog.jpg", "né.jpg",
      ])
    #expect(Set(answers.prefix(5).map { $0["caption"]?.string }).count == 1)
    #expect(result.output.hasPrefix(#"{"path":"dog.jpg","status":"ok","caption":"#))
    #expect(result.output.split(separator: "\n")[2].hasPrefix(#"{"id":7,"path":null,"status":"ok""#))
  }

  /// Whoever writes a line and waits for its answer gets it.
  @Test func answersComeAtOnce() async throws {
    let dog = URL(fileURLWithPath: SummarizeProgram.models).deletingLastPathComponent()
      .appendingPathComponent("assets/dog.jpg").path
    let result = try await shell(
      """
      mkfifo in out; $narrate caption --stdin --beam 1 < in > out & exec 3> in 4< out
      for i in 1 2 3; do echo "{\\"id\\":$i,\\"path\\":\\"\(dog)\\"}" >&3; read line <&4; echo "$i $line" | cut -c1-12; done
      exec 3>&-; wait $!; echo $?
      """, in: folder)
    #expect(result.output == "1 {\"id\":1,\"p\n2 {\"id\":2,\"p\n3 {\"id\":3,\"p\n0\n")
  }

  @Test func aLineOfAGigabyteTakesNoMemory() async throws {
    let result = try await shell(
      """
      { head -c 1100000000 /dev/zero | tr '\\0' x; echo; echo none.jpg; } |
        { ulimit -v 4000000; /usr/bin/env $narrate caption --stdin; }
      """, in: folder)
    #expect(result.status == 1)
    let answers = result.output.split(separator: "\n")
    #expect(answers.count == 2 && answers[0].contains(#""too-large""#) && answers[1].contains(#""missing""#))
  }

  @Test func videosAreLabelledByTheLine() async throws {
    let program = try SummarizeProgram()
    try program.write([.first], "v.y4m")
    let result = try await shell(
      #"printf 'v.y4m\n{"id":"x","path":"v.y4m"}\n{"id":"x","path":"v.y4m"}\nnone\n' | $narrate label --stdin"#,
      in: program.folder)
    let starts = result.output.split(separator: "\n").map { $0.prefix(38) }
    #expect(
      starts == [
        #"{"path":"v.y4m","status":"ok","duratio"#, #"{"id":"x","path":"v.y4m","status":"ok""#,
        #"{"id":"x","path":"v.y4m","status":"err"#, #"{"path":"none","status":"error","error"#,
      ])
    #expect(result.status == 1)
  }
}
