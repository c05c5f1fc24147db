import Foundation
import TestSupport
import Testing

/// `narrate summarize` with the models of this repository, on videos made here.
@Suite struct SummarizeTests {
  private let folder: TemporaryFolder
  private static let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("models").path

  init() throws { folder = try TemporaryFolder() }

  /// A look that lasts some frames: chroma, and the period of stripes that move.
  private struct Look {
    var frames: Int
    var u: UInt8
    var v: UInt8
    var period: Int
  }

  private let first = Look(frames: 30, u: 90, v: 190, period: 8)
  private let second = Look(frames: 20, u: 190, v: 90, period: 23)

  /// YUV4MPEG2, 10 frames a second.
  private func write(_ looks: [Look], _ name: String) throws {
    let (width, height) = (96, 64)
    var bytes = Array("YUV4MPEG2 W\(width) H\(height) F10:1 Ip A1:1 C420jpeg\n".utf8)
    for look in looks {
      for frame in 0..<look.frames {
        bytes += Array("FRAME\n".utf8)
        for row in 0..<height {
          bytes += (0..<width).map { column in
            look.period == 0 ? 16 : UInt8(60 + (column + row + frame) % look.period * 120 / look.period)
          }
        }
        bytes += Array(repeating: look.u, count: width * height / 4)
        bytes += Array(repeating: look.v, count: width * height / 4)
      }
    }
    try folder.write(bytes, name)
  }

  private func summarize(_ arguments: [String]) throws -> (status: Int32, output: String, errors: String) {
    try narrate(
      ["summarize"] + arguments + ["--detector", "adaptive"], in: folder,
      environment: ["NARRATE_MODELS": Self.models])
  }

  private func json(_ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: folder.path(name)))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test func aVideoIsToldInShots() throws {
    try write([first, second, first], "v.y4m")
    let result = try summarize(["v.y4m", "--output", "out"])
    #expect(result.status == 0 && result.errors.isEmpty)
    let lines = result.output.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(lines.map { $0[0] } == ["0.000", "3.000", "5.000"])
    #expect(lines.map { $0[1] } == ["3.000", "5.000", "8.000"])
    #expect(lines.map { $0[2] } == ["start", "cut", "cut"])
    let summary = try json("out/summary.json")
    #expect(summary["path"] as? String == "v.y4m" && summary["duration"] as? Double == 8)
    let shots = try #require(summary["shots"] as? [[String: Any]])
    // The third shot shows what the first did, and is not told twice.
    #expect(shots.map { $0["repeats"] as? Int } == [nil, nil, 0])
    let frames = shots.map { $0["keyframes"] as? [[String: Any]] ?? [] }
    #expect(!frames[0].isEmpty && !frames[1].isEmpty && frames[2].isEmpty)
    for frame in frames.joined() {
      let file = try #require(frame["file"] as? String)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path("out/\(file)")))
      #expect(bytes.starts(with: [0xff, 0xd8, 0xff]))
      #expect(frame["caption"] is String && frame["confidence"] is Double && frame["score"] is Double)
      let time = try #require(frame["time"] as? Double)
      #expect(time < 5)
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("out/keyframes"))
    #expect(names.count == frames.joined().count && names.contains("0001.jpg"))
    let page = try String(contentsOfFile: folder.path("out/index.html"), encoding: .utf8)
    #expect(
      page.contains("src=\"keyframes/0001.jpg\" alt=\"") && !page.contains("<script")
        && !page.contains("http"))
    let chapters = try String(contentsOfFile: folder.path("out/chapters.vtt"), encoding: .utf8)
    #expect(chapters.hasPrefix("WEBVTT\n\n00:00:00.000 --> "))
    let subtitles = try String(contentsOfFile: folder.path("out/captions.srt"), encoding: .utf8)
    #expect(subtitles.hasPrefix("1\n00:00:00,000 --> 00:00:03,000\n"))
    #expect(try folder.contents.sorted() == ["out", "v.y4m"])
  }

  /// Without a boundary, a shot that slowly comes to show something else is told in parts.
  @Test func aLongShotIsToldInParts() throws {
    let (width, height) = (96, 64)
    var bytes = Array("YUV4MPEG2 W\(width) H\(height) F10:1 Ip A1:1 C420jpeg\n".utf8)
    for frame in 0..<160 {
      let share = min(max(frame - 60, 0), 40)
      bytes += Array("FRAME\n".utf8)
      for row in 0..<height {
        bytes += (0..<width).map { column in
          UInt8(
            60 + ((column + row) % 8 * 15 * (40 - share) + (column / 24 + row / 16) % 2 * 130 * share) / 40)
        }
      }
      bytes += Array(repeating: UInt8(90 + 100 * share / 40), count: width * height / 4)
      bytes += Array(repeating: UInt8(190 - 100 * share / 40), count: width * height / 4)
    }
    try folder.write(bytes, "v.y4m")
    let result = try summarize(["v.y4m", "--output", "out"])
    let lines = result.output.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(result.status == 0 && lines.first?[2] == "start" && lines.count > 1)
    #expect(lines.dropFirst().allSatisfy { $0[2] == "none" })
    let changes = lines.dropFirst().map { Double($0[0]) ?? 0 }
    #expect(changes.allSatisfy { (5...11).contains($0) })
    // Nothing is left out between them.
    #expect(lines.map { $0[1] } == lines.dropFirst().map { $0[0] } + ["16.000"])
  }

  /// A short shot after a long one has its own pictures, though those of the long one lie far apart.
  @Test func aShortShotAfterALongOneIsTold() throws {
    try write(
      [Look(frames: 400, u: 90, v: 190, period: 8), Look(frames: 8, u: 190, v: 90, period: 23)], "v.y4m")
    let result = try summarize(["v.y4m", "--output", "out"])
    let lines = result.output.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(lines.map { $0[0] } == ["0.000", "40.000"] && lines.map { $0[2] } == ["start", "cut"])
  }

  @Test func aBudgetIsKept() throws {
    try write([first, second, first], "v.y4m")
    let result = try summarize(["v.y4m", "--output", "out", "--keyframes", "1", "--format", "json"])
    #expect(result.status == 0 && result.output.hasPrefix("{\"path\":\"v.y4m\""))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("out/keyframes")) == ["0001.jpg"])
  }

  @Test func aFolderIsReplacedOnlyIfAskedAndASummary() throws {
    try write([first], "v.y4m")
    #expect(try summarize(["v.y4m", "--output", "out"]).status == 0)
    let again = try summarize(["v.y4m", "--output", "out/"])
    #expect(again.status == 74 && again.errors == "narrate: out: exists; --force replaces it\n")
    #expect(try summarize(["v.y4m", "--output", "out", "--force"]).status == 0)
    try folder.write("mine", "out/notes.txt")
    let kept = try summarize(["v.y4m", "--output", "out", "--force"])
    #expect(kept.status == 74)
    #expect(kept.errors == "narrate: out: is no summary's folder, it holds notes.txt: not replaced\n")
    #expect(FileManager.default.fileExists(atPath: folder.path("out/index.html")))
    let file = try summarize(["v.y4m", "--output", "v.y4m"])
    #expect(file.status == 74 && file.errors == "narrate: v.y4m: there is a file, not a folder\n")
    let nowhere = try summarize(["v.y4m", "--output", "/proc/none/out"])
    #expect(nowhere.status == 74 && nowhere.errors.hasPrefix("narrate: /proc/none"))
    #expect(try folder.contents.sorted() == ["out", "v.y4m"])
  }

  @Test(arguments: ["v.png", "v.txt", "v.mp4", "none.mp4"])
  func whatIsNoVideoLeavesNothing(name: String) throws {
    try folder.write("not a video at all, but some text that is long enough", "v.txt")
    try folder.write([], "v.mp4")
    let png =
      "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f0005000101ff89993d1d0000000049454e44ae426082"
    let bytes = stride(from: 0, to: png.count, by: 2).map { index in
      let start = png.index(png.startIndex, offsetBy: index)
      return UInt8(png[start..<png.index(start, offsetBy: 2)], radix: 16) ?? 0
    }
    try folder.write(bytes, "v.png")
    let result = try summarize([name, "--output", "out"])
    #expect(result.status == 1 && result.output.isEmpty)
    #expect(result.errors.hasPrefix("narrate: \(name): ") && result.errors.split(separator: "\n").count == 1)
    #expect(!FileManager.default.fileExists(atPath: folder.path("out")))
    #expect(try folder.contents.allSatisfy { !$0.contains("part") })
  }

  @Test func oneFrameAndOneColourAreOneShot() throws {
    var look = first
    look.frames = 1
    try write([look], "one.y4m")
    try write([Look(frames: 40, u: 128, v: 128, period: 0)], "black.y4m")
    for (name, end) in [("one", "0.100"), ("black", "4.000")] {
      let result = try summarize(["\(name).y4m", "--output", name])
      #expect(result.status == 0)
      #expect(
        result.output.hasPrefix("0.000\t\(end)\tstart\t") && result.output.split(separator: "\n").count == 1)
    }
    // What is of one colour shows nothing beside a shot that shows something.
    try write([Look(frames: 40, u: 128, v: 128, period: 0), first], "dark.y4m")
    #expect(try summarize(["dark.y4m", "--output", "dark"]).output.split(separator: "\n").count == 1)
  }
}
