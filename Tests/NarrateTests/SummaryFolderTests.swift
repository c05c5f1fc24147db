import Files
import Foundation
import Narration
import Reports
import SystemPackage
import TestSupport
import Testing

/// Where `narrate summarize` writes, and where it refuses to.
@Suite struct SummaryFolderTests {
  private let program: SummarizeProgram
  private var folder: TemporaryFolder { program.folder }

  init() throws {
    program = try SummarizeProgram()
    try program.write([.first], "v.y4m")
  }

  private let whole = ["captions.srt", "chapters.vtt", "index.html", "keyframes", "summary.json"]

  private func contents(_ name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path(name)).sorted()
  }

  private func makeFolder(_ name: String, mode: Int = 0o755) throws {
    try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: true)
    #expect(chmod(folder.path(name), mode_t(mode)) == 0)
  }

  private func mode(_ name: String) throws -> Int {
    var status = stat()
    #expect(stat(folder.path(name), &status) == 0)
    return Int(status.st_mode & 0o7777)
  }

  private func isRefused(_ arguments: [String], _ message: String) async throws {
    let result = try await program.run(["v.y4m", "--output"] + arguments)
    #expect(result.status == 74 && result.output.isEmpty)
    #expect(result.errors == "narrate: \(message)\n")
  }

  @Test func aSummaryIsReplacedOnlyIfAsked() async throws {
    #expect(try await program.run(["v.y4m", "--output", "out"]).status == 0)
    #expect(try contents("out") == whole)
    try await isRefused(["out/"], "out: exists; --force replaces it")
    try folder.write("{}", "out/keyframes/9999.jpg")
    #expect(try await program.run(["v.y4m", "--output", "out", "--force"]).status == 0)
    #expect(try contents("out") == whole && !(try contents("out/keyframes").contains("9999.jpg")))
    #expect(try folder.contents == ["out", "v.y4m"])
  }

  @Test func whatIsNotOursStays() async throws {
    #expect(try await program.run(["v.y4m", "--output", "out"]).status == 0)
    for other in ["notes.txt", "keyframes/mine.txt", "keyframes/more/0001.jpg"] {
      try folder.write("mine", "out/\(other)")
      let named = other.hasPrefix("keyframes/more") ? "keyframes/more" : other
      try await isRefused(["out", "--force"], "out: is no summary's folder, it holds \(named): not replaced")
      try FileManager.default.removeItem(atPath: folder.path("out/\(named)"))
    }
    // A page of one's own, and a file that only has the name of a summary.
    try folder.write("mine", "page/index.html")
    try folder.write("[]", "page/summary.json")
    try await isRefused(
      ["page", "--force"],
      "page: is no summary's folder, it holds no valid summary.json: not replaced")
    #expect(try program.text("page/index.html") == "mine")
  }

  /// A run that was killed hinders none after it, wherever it was.
  @Test func whatKilledRunsLeftGoes() async throws {
    #expect(try await program.run(["v.y4m", "--output", "out"]).status == 0)
    let random = "0123456789abcdef"
    try folder.write("half", "out.part-4194999-\(random)/keyframes/candidate-0.jpg")
    try folder.write("half", "out/.part-4194999-4294967295/keyframes/candidate-0.jpg")
    #expect(try await program.run(["v.y4m", "--output", "out", "--force"]).status == 0)
    #expect(try contents("out") == whole && folder.contents == ["out", "v.y4m"])
    // In the middle of a replacement file by file, in a folder that has to stay where it is.
    try folder.write("half", "out/.part-4194999-\(random)/keyframes/candidate-0.jpg")
    try FileManager.default.createDirectory(
      atPath: folder.path("out/.part-4194999-\(random)/old"), withIntermediateDirectories: true)
    rename(folder.path("out/summary.json"), folder.path("out/.part-4194999-\(random)/old/summary.json"))
    let here = try await shell(
      "cd out && $narrate summarize ../v.y4m --output . --force --detector adaptive && pwd", in: folder)
    #expect(here.status == 0 && here.errors.isEmpty, "\(here.errors)")
    #expect(try contents("out") == whole)
    // What somebody is writing stays.
    try folder.write("half", "out/.part-\(getpid())-\(random)/keyframes/candidate-0.jpg")
    try await isRefused(
      ["out", "--force"],
      "out: is no summary's folder, it holds .part-\(getpid())-\(random): not replaced")
  }

  @Test func whatIsNoFolderIsRefused() async throws {
    try folder.write("mine", "notes")
    try await isRefused(["notes"], "notes: there is a file, not a folder")
    symlink("nowhere", folder.path("dangling"))
    try await isRefused(["dangling"], "dangling: a link that leads nowhere")
    let nowhere = try await program.run(["v.y4m", "--output", "/proc/none/out"])
    #expect(nowhere.status == 74 && nowhere.errors.hasPrefix("narrate: /proc/none"))
  }

  /// A folder that is there is filled where it is: it may be a mount point, the working directory, the end of a link.
  @Test func anEmptyFolderIsFilled() async throws {
    try makeFolder("shared", mode: 0o2770)
    #expect(try await program.run(["v.y4m", "--output", "shared"]).status == 0)
    #expect(try contents("shared") == whole)
    #expect(try await program.run(["v.y4m", "--output", "shared", "--force"]).status == 0)
    #expect(try contents("shared") == whole && mode("shared") == 0o2770)
    try makeFolder("real")
    symlink("real", folder.path("link"))
    #expect(try await program.run(["v.y4m", "--output", "link"]).status == 0)
    #expect(try contents("real") == whole)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link")) == "real")
    #expect(try folder.contents == ["link", "real", "shared", "v.y4m"])
  }

  /// A name in another encoding than UTF-8 is one like any other.
  @Test func aNameMayBeAnyBytes() async throws {
    let name = Array("a\u{FF}/b\u{FF}".unicodeScalars.map { UInt8($0.value) })
    let arguments = ["v.y4m", "--output"].map { Array($0.utf8) } + [name]
    for (force, status) in [([], Int32(0)), ([], 74), (["--force"], 0)] {
      let result = try await program.run(arguments + force.map { Array($0.utf8) })
      #expect(result.status == status)
      if status != 0 {
        #expect(result.errors == "narrate: a\u{FFFD}/b\u{FFFD}: exists; --force replaces it\n")
      }
    }
    let above = FilePath(folder.path).appending(FilePath(bytes: name).parent.components)
    #expect(try above.entries().map(\.bytes) == [Array(name.suffix(2))])
  }

  /// What was made for an output that does not come goes again.
  @Test func noFoldersAreLeft() async throws {
    #expect(try await program.run(["none.y4m", "--output", "m/n/o"]).status == 1)
    try folder.write("some text, which is no video and long enough to be read", "v.txt")
    #expect(try await program.run(["v.txt", "--output", "m/n/o"]).status == 1)
    // The header of a video without a frame.
    try folder.write(RawVideo(width: 96, height: 64, rate: 10).bytes, "empty.y4m")
    #expect(try await program.run(["empty.y4m", "--output", "m/n/o"]).status == 1)
    #expect(try folder.contents == ["empty.y4m", "v.txt", "v.y4m"])
  }
}
