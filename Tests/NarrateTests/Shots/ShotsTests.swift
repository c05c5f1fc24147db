import Foundation
import Media
import Reports
import TestSupport
import Testing

@Suite struct ShotsTests {
  private let program: SummarizeProgram
  private var folder: TemporaryFolder { program.folder }

  init() throws {
    program = try SummarizeProgram()
    try program.write([.first, .second, .first], "v.y4m")
  }

  private func shots(_ line: String) async throws -> Program.Outcome {
    try await shell("$narrate shots --detector adaptive --threads 1 \(line)", in: folder)
  }

  @Test func aLineAShot() async throws {
    let one = try await shots("v.y4m")
    #expect(one.status == 0 && one.errors.isEmpty)
    let lines = one.output.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(
      lines.map { $0[0] } == ["0.000", "3.000", "5.000"]
        && lines.map { $0[1] } == ["3.000", "5.000", "8.000"])
    #expect(lines.map { $0[2] } == ["start", "cut", "cut"] && lines.allSatisfy { $0.count == 4 })
    // Of several, the path stands before; one that fails keeps none from being told.
    let several = try await shots("v.y4m none.mp4 - < v.y4m")
    #expect(several.status == 1 && several.errors == "narrate: none.mp4: no such file\n")
    #expect(
      several.output.split(separator: "\n").map { $0.split(separator: "\t")[0] } == [
        "v.y4m", "v.y4m", "v.y4m", "-", "-", "-",
      ])
  }

  @Test func jsonHasFrames() async throws {
    let result = try await shots("v.y4m none.mp4 --format json")
    let objects = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]])
    #expect(objects.count == 2 && objects[1]["status"] as? String == "error")
    #expect(objects[0]["frame_rate"] as? String == "10" && objects[0]["duration"] as? Double == 8)
    let found = try #require(objects[0]["shots"] as? [[String: Any]])
    #expect(
      found.map { $0["start_frame"] as? Int } == [0, 30, 50]
        && found.map { $0["end_frame"] as? Int } == [30, 50, 80])
    #expect(try await shots("v.y4m --format jsonl").output.split(separator: "\n").count == 1)
  }

  private static let files = [
    "v.chapters.xml", "v.csv", "v.edl", "v.fcpxml", "v.ffmetadata", "v.markers.edl", "v.matroska.xml",
    "v.otio",
    "v.trickplay-1.jpg", "v.trickplay.vtt", "v.xml",
  ]
  private let kinds = "edl,fcpxml,otio,xml,csv,markers,matroska,ffmetadata,jellyfin,trickplay"

  @Test func exportsStandInAFolderOrBesideTheVideo() async throws {
    let named = try await shots("v.y4m --export \(kinds) --output out")
    #expect(named.status == 0 && named.errors.isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("out")).sorted() == Self.files)
    // A folder that was named may hold what it did.
    #expect(try await shots("v.y4m --export \(kinds) --output out").status == 0)
    #expect(try await shots("v.y4m --export edl,jellyfin").status == 0)
    #expect(try folder.contents.sorted() == ["out", "v.chapters.xml", "v.edl", "v.y4m"])
    #expect(try program.text("v.edl") == (try program.text("out/v.edl")))
    // What is beside a video may be somebody's.
    try folder.write("mine", "v.edl")
    let refused = try await shots("v.y4m --export edl")
    #expect(refused.status == 74 && refused.errors == "narrate: v.edl: exists; --force replaces it\n")
    #expect(refused.output.isEmpty)
    #expect(try program.text("v.edl") == "mine")
    #expect(try await shots("v.y4m --export edl --force").status == 0)
    #expect(try program.text("v.edl") == (try program.text("out/v.edl")))
  }

  @Test func whatAVideoCannotBeIsNotWritten() async throws {
    let result = try await shots("v.y4m --export youtube,csv --output out")
    #expect(
      result.status == 1
        && result.errors
          == "narrate: v.y4m: no youtube written: it takes three chapters of ten seconds each\n"
    )
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("out")) == ["v.csv"])
  }

  @Test func chaptersAreAsManyAsWanted() async throws {
    #expect(try await shots("v.y4m --export ffmetadata --max-chapters 2 --output .").status == 0)
    #expect(try program.text("v.ffmetadata").components(separatedBy: "[CHAPTER]").count == 3)
  }

  @Test(arguments: [
    ("v.y4m --export edl,dvd", "The value 'edl,dvd' is invalid"),
    ("v.y4m --export ''", "--export is given nothing"),
    ("v.y4m --output out", "--output is for --export"), ("- --export edl < v.y4m", "takes --output"),
    ("v.y4m --export csv --max-chapters 0", "--max-chapters takes a number"), ("", "name at least one video"),
    ("v.y4m v.y4m --transcript t.srt", "--transcript takes one video"),
    ("v.y4m --split out --sandbox", "--sandbox"),
    ("v.otio --export otio --output .", "the input v.otio"), ("v.otio --export otio --force", "is an input"),
    ("v.y4m --export csv --output . --transcript v.csv", "the input v.csv"),
    ("v.y4m --split .", "with the input v.y4m in it"),
    ("v.y4m v.mp4 --export edl --output .", "are the same, ./v.edl"),
  ])
  func whatMakesNoSenseIsRefused(line: String, message: String) async throws {
    try folder.write(Data(contentsOf: URL(fileURLWithPath: folder.path("v.y4m"))), "v.otio")
    try folder.write("1\n00:00:01,000 --> 00:00:02,000\nHello\n", "v.csv")
    let before = try folder.contents
    let result = try await shots(line)
    #expect(result.status == 64 && result.errors.contains(message) && result.output.isEmpty, "\(result)")
    #expect(try folder.contents == before)
  }

  @Test(arguments: ["none.srt", "v.y4m", "empty.srt"]) func badSubtitlesEndTheRun(name: String) async throws {
    try folder.write([], "empty.srt")
    let result = try await shots(
      "v.y4m --transcript \(name == "v.y4m" ? "./v.y4m" : name) --export csv --output out")
    #expect(result.status == 1 && result.errors.split(separator: "\n").count == 1 && result.output.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: folder.path("out/v.csv")))
  }

  @Test func subtitlesGoBesideShots() async throws {
    try folder.write(
      "1\n00:00:01,000 --> 00:00:02,000\nHello\n\n2\n00:00:05,500 --> 00:00:06,000\nBye\n", "t.srt")
    #expect(try await shots("v.y4m --transcript t.srt --export csv,fcpxml --output .").status == 0)
    let records = try program.text("v.csv").split(separator: "\r\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).last
    }
    #expect(records == ["spoken", "Hello", "", "Bye"])
    #expect(try program.text("v.fcpxml").contains("<note>Shot 1\nHello</note>"))
  }

  @Test func aVideoIsCutIntoPieces() async throws {
    // Raw frames are key frames all.
    let result = try await shots("v.y4m --split out --format json")
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      result.errors
        == "narrate: v-002.mkv: begins at 3.000 s, at its cut\nnarrate: v-003.mkv: begins at 5.000 s, at its cut\n"
    )
    let objects = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]])
    let pieces = try #require(objects[0]["pieces"] as? [[String: Any]])
    #expect(pieces.map { $0["file"] as? String } == ["out/v-001.mkv", "out/v-002.mkv", "out/v-003.mkv"])
    #expect(pieces.map { $0["off"] as? Double } == [0, 0, 0])
    for (piece, frames) in zip(pieces, [30, 20, 30]) {
      let stream = try FrameStream(contentsOf: folder.path(try #require(piece["file"] as? String)))
      var count = 0
      while try stream.next() != nil { count += 1 }
      #expect(count == frames)
    }
    // One that is no video is one that fails.
    try folder.write("no video at all, but some text", "t.mp4")
    let failed = try await shots("t.mp4 --split out")
    #expect(failed.status == 1 && failed.errors.hasPrefix("narrate: t.mp4: "))
    #expect(try await shots("v.y4m --split v.y4m/out").status == 74)
  }

  @Test func summariesHaveExportsOfTheirOwn() async throws {
    try folder.write("1\n00:00:01,000 --> 00:00:02,000\nHello <b>you</b>\n", "t.srt")
    let made = try await program.run([
      "v.y4m", "--output", "out", "--export", "edl,csv,trickplay", "--transcript", "t.srt", "--max-chapters",
      "1",
    ])
    #expect(made.status == 0 && made.errors.isEmpty)
    func contents() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder.path("out")).sorted()
    }
    let whole = ["captions.srt", "chapters.vtt", "index.html", "keyframes", "summary.json"]
    #expect(try contents() == (whole + ["v.csv", "v.edl", "v.trickplay-1.jpg", "v.trickplay.vtt"]).sorted())
    let summary = try program.json("out/summary.json")
    let chapters = try #require(summary["chapters"] as? [[String: Any]])
    #expect(
      chapters.count == 1 && chapters[0]["spoken"] as? String == "Hello you"
        && summary["exports"] as? [String] != nil)
    #expect(try program.text("out/index.html").contains("<blockquote>Hello you</blockquote>"))
    let captions = try program.text("out/captions.srt")
    let record = try program.text("out/v.csv").split(separator: "\r\n")[1]
    let caption = try #require(captions.split(separator: "\n").dropFirst(2).first)
    #expect(record.contains(caption))
    // They are replaced with the summary, and a file of somebody's is not.
    try folder.write("mine", "out/w.edl")
    let refused = try await program.run(["v.y4m", "--output", "out", "--force"])
    #expect(refused.status == 74 && refused.errors.contains("it holds w.edl: not replaced"))
    try FileManager.default.removeItem(atPath: folder.path("out/w.edl"))
    #expect(try await program.run(["v.y4m", "--output", "out", "--force", "--export", "otio"]).status == 0)
    #expect(try contents() == (whole + ["v.otio"]).sorted())
  }
}
