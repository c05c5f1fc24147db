import Algorithms
import Foundation
import Narration
import Reports
import TestSupport
import Testing

@Suite struct SummarizeTests {
  private let program: SummarizeProgram
  private var folder: TemporaryFolder { program.folder }

  init() throws { program = try SummarizeProgram() }

  @Test func aVideoIsToldInShots() async throws {
    try program.write([.first, .second, .first], "v.y4m")
    let result = try await program.run(["v.y4m", "--output", "out"])
    #expect(result.status == 0 && result.errors.isEmpty)
    let lines = result.output.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(lines.map { $0[0] } == ["0.000", "3.000", "5.000"])
    #expect(lines.map { $0[1] } == ["3.000", "5.000", "8.000"])
    #expect(lines.map { $0[2] } == ["start", "cut", "cut"])
    let summary = try program.json("out/summary.json")
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
  @Test func aLongShotIsToldInParts() async throws {
    var video = RawVideo(width: 96, height: 64, rate: 10)
    for frame in 0..<160 {
      let share = min(max(frame - 60, 0), 40)
      video.append(u: UInt8(90 + 100 * share / 40), v: UInt8(190 - 100 * share / 40)) { row, column in
        UInt8(
          60 + ((column + row) % 8 * 15 * (40 - share) + (column / 24 + row / 16) % 2 * 130 * share) / 40)
      }
    }
    try folder.write(video.bytes, "v.y4m")
    let result = try await program.run(["v.y4m", "--output", "out"])
    let lines = result.output.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(result.status == 0 && lines.first?[2] == "start" && lines.count > 1)
    #expect(lines.dropFirst().allSatisfy { $0[2] == "none" })
    let changes = lines.dropFirst().map { Double($0[0]) ?? 0 }
    #expect(changes.allSatisfy { (5...11).contains($0) })
    // Nothing is left out between them.
    #expect(lines.map { $0[1] } == lines.dropFirst().map { $0[0] } + ["16.000"])
  }

  /// A short shot after a long one has its own pictures, though those of the long one lie far apart.
  @Test func aShortShotAfterALongOneIsTold() async throws {
    try program.write(
      [Look(frames: 400, u: 90, v: 190, period: 8), Look(frames: 8, u: 190, v: 90, period: 23)], "v.y4m")
    let result = try await program.run(["v.y4m", "--output", "out"])
    let lines = result.output.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(lines.map { $0[0] } == ["0.000", "40.000"] && lines.map { $0[2] } == ["start", "cut"])
  }

  @Test func aBudgetIsKept() async throws {
    try program.write([.first, .second, .first], "v.y4m")
    let result = try await program.run(["v.y4m", "--output", "out", "--keyframes", "1", "--format", "json"])
    #expect(result.status == 0 && result.output.hasPrefix("{\"path\":\"v.y4m\""))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("out/keyframes")) == ["0001.jpg"])
  }

  @Test(arguments: ["v.png", "v.txt", "v.mp4", "none.mp4"])
  func whatIsNoVideoLeavesNothing(name: String) async throws {
    try folder.write("not a video at all, but some text that is long enough", "v.txt")
    try folder.write([], "v.mp4")
    let png =
      "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f0005000101ff89993d1d0000000049454e44ae426082"
    let bytes = png.chunks(ofCount: 2).map { UInt8($0, radix: 16) ?? 0 }
    try folder.write(bytes, "v.png")
    let result = try await program.run([name, "--output", "out"])
    #expect(result.status == 1 && result.output.isEmpty)
    #expect(result.errors.hasPrefix("narrate: \(name): ") && result.errors.split(separator: "\n").count == 1)
    #expect(!FileManager.default.fileExists(atPath: folder.path("out")))
    #expect(try folder.contents.allSatisfy { !$0.contains("part") })
  }

  @Test func oneFrameAndOneColorAreOneShot() async throws {
    try program.write([.first.lasting(1)], "one.y4m")
    try program.write([.black.lasting(40)], "black.y4m")
    for (name, end) in [("one", "0.100"), ("black", "4.000")] {
      let result = try await program.run(["\(name).y4m", "--output", name])
      #expect(result.status == 0)
      #expect(
        result.output.hasPrefix("0.000\t\(end)\tstart\t") && result.output.split(separator: "\n").count == 1)
    }
  }

  /// Every second belongs to a shot, and each to one: what is too short, black or white goes with what it is beside.
  @Test func shotsLeaveNoGaps() async throws {
    let red = Look(frames: 10, u: 90, v: 240, period: 0)
    let blue = Look(frames: 10, u: 240, v: 90, period: 0)
    for (name, looks, starts) in [
      ("dark-first", [.black.lasting(40), .first], ["0.000"]),
      ("dark-last", [.first, .second, .black], ["0.000", "3.000"]),
      ("dark-between", [.first, .black, .second], ["0.000", "3.900"]),
      ("colours", [red.lasting(20), blue.lasting(20), red.lasting(20)], ["0.000", "2.000", "4.000"]),
      ("colour-flash", [red.lasting(20), blue.lasting(2), red.lasting(20)], ["0.000", "2.000"]),
    ] as [(String, [Look], [String])] {
      try program.write(looks, name)
      let shots = try await program.shots(name)
      let end = String(format: "%.3f", Double(looks.reduce(0) { $0 + $1.frames }) / 10)
      #expect(shots.map { $0[0] } == starts, "\(name)")
      #expect(shots.map { $0[1] } == starts.dropFirst() + [end], "\(name)")
    }
  }

  /// One shot goes over into the next in the middle of a transition, of which there are no key frames.
  @Test func shotsMeetInTheMiddleOfAFade() async throws {
    let down = (1...6).map { Look.first.lasting(1, light: 1 - Double($0) / 6) }
    let up = (1...6).map { Look.second.lasting(1, light: Double($0) / 6) }
    try program.write([.first] + down + up + [.second], "v")
    let shots = try await program.shots("v")
    #expect(shots.map { $0[2] } == ["start", "fade"] && shots[0][1] == shots[1][0] && shots[1][1] == "6.200")
    #expect(abs((Double(shots[1][0]) ?? 0) - 3.6) < 0.15)
    let frames = try #require(try program.json("v.out/summary.json")["shots"] as? [[String: Any]])
      .compactMap { $0["keyframes"] as? [[String: Any]] }.joined().compactMap { $0["time"] as? Double }
    #expect(!frames.isEmpty && frames.allSatisfy { !(3.05...4.05).contains($0) })
  }

  /// A name is no markup, whatever scalars it has; a page has no links that lead nowhere, however few pictures it has.
  @Test func thePageIsWhole() async throws {
    let name = "v\u{600}<script>&\u{301}\".y4m"
    try program.write([.first, .second, .first.lasting(20), .black.lasting(5), .second], name)
    #expect(try await program.run([name, "--output", "out", "--keyframes", "1"]).status == 0)
    let page = try program.text("out/index.html")
    #expect(
      page.unicodeScalars.split(separator: "<").allSatisfy { !$0.starts(with: "script".unicodeScalars) })
    let ids = Set(page.matches(of: #/ id="(\w+)"/#).map { String($0.output.1) })
    let links = page.matches(of: #/href="#(\w+)"/#).map { String($0.output.1) }
    #expect(links.count >= 4 && links.allSatisfy(ids.contains))
    #expect(page.matches(of: #/<img /#).count == 1)
    // A section shows something.
    #expect(page.matches(of: #/<div class="shots">\s*</div>/#).isEmpty)
  }
}
