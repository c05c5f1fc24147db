import Files
import Foundation
import TestSupport
import Testing

@Suite struct LineFileTests {
  private let folder = try! TemporaryFolder()
  private let start = Array("{\"path\":".utf8)
  private var path: GivenPath { GivenPath(folder.path("a.jsonl")) }

  private var text: String {
    get throws { try String(contentsOfFile: folder.path("a.jsonl"), encoding: .utf8) }
  }

  /// What is read after a run was killed that had written this; what the file is then, with another line.
  private func mend(_ written: String) throws -> (lines: [String], text: String) {
    try folder.write(written, "a.jsonl")
    let file = try LineFile(path)
    var lines: [String] = []
    let tail = try file.forEachLine { line, number in
      lines.append(String(decoding: line, as: UTF8.self))
      #expect(number == lines.count)
    }
    try file.recover(tail, startingWith: start)
    try file.append(Array("new\n".utf8))
    return (lines, try text)
  }

  @Test func aTornLineIsTakenAway() throws {
    let whole = "{\"path\":\"a\"}\n"
    for torn in ["", "{", "{\"pa", "{\"path\":\"b\",\"caption\":\"a dog", "\0\0\0"] {
      let (lines, text) = try mend(whole + torn)
      #expect(lines == ["{\"path\":\"a\"}"])
      #expect(text == whole + "new\n")
    }
    #expect(try mend("").text == "new\n")
    #expect(try mend("{\"pat").text == "new\n")
    // A whole line without its end.
    #expect(try mend(whole + "{\"path\":\"b\"}").text == whole + "{\"path\":\"b\"}\nnew\n")
  }

  @Test func whatIsNoLineOfOursStays() throws {
    for other in ["words", "{\"x\":", "a\n{ x"] {
      #expect(throws: LineError.self) { try mend(other) }
      #expect(try text == other)
    }
  }

  @Test func longFilesAreReadByTheLine() throws {
    let words = (0..<300).map { String(repeating: "x", count: $0 * 97) }
    let (lines, _) = try mend(words.map { $0 + "\n" }.joined())
    #expect(lines == words)
  }

  @Test func oneProcessWritesAtATime() throws {
    do {
      let file = try LineFile(path)
      try file.append(Array("a\n".utf8))
      #expect(throws: FileError(.write, path: path.text, code: FileError.inUse)) { try LineFile(path) }
    }
    _ = try LineFile(path)
    #expect(throws: FileError(.write, path: "/dev/null", code: FileError.notRegular)) {
      try LineFile(GivenPath("/dev/null"))
    }
  }

  @Test func linesAreTakenOut() throws {
    try folder.write("a\nb\nc\n", "a.jsonl")
    let file = try LineFile(path)
    try file.keep { $0 != [UInt8(ascii: "b")] }
    try file.append(Array("d\n".utf8))
    #expect(try text == "a\nc\nd\n")
    #expect(throws: FileError.self) { try LineFile(path) }
    #expect(try folder.contents == ["a.jsonl"])
  }
}
