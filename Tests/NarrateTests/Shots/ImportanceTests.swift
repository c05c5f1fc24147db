import Foundation
import Media
import TestSupport
import Testing

@Suite struct ImportanceTests {
  private let program: SummarizeProgram
  private var folder: TemporaryFolder { program.folder }

  init() throws {
    program = try SummarizeProgram()
    try program.write([.first, .second, .first.lasting(30)], "v.y4m")
  }

  @Test func everySecondHasAScore() async throws {
    #expect(try await program.run(["v.y4m", "--output", "out"]).status == 0)
    let summary = try program.json("out/summary.json")
    let seconds = try #require(summary["importance"] as? [[String: Double]])
    #expect(seconds.map { $0["time"] } == (0..<8).map { Double($0) } && summary["highlights"] == nil)
    #expect(seconds.allSatisfy { (0...1).contains($0["score"] ?? -1) })
    // The two seconds that are unlike the rest.
    let best = try #require(seconds.max { ($0["score"] ?? 0) < ($1["score"] ?? 0) })
    #expect((2...5).contains(best["time"] ?? 0))
  }

  @Test func highlightsAreNoLongerThanWanted() async throws {
    let result = try await program.run(["v.y4m", "--output", "out", "--length", "3s", "--reel", "reel.mkv"])
    #expect(result.status == 0 && result.errors.isEmpty)
    let parts = try #require(try program.json("out/summary.json")["highlights"] as? [[String: Double]])
    let lengths = parts.map { ($0["end"] ?? 0) - ($0["start"] ?? 0) }
    #expect(!parts.isEmpty && lengths.allSatisfy { $0 > 0 } && lengths.reduce(0, +) <= 3.001)
    // Raw frames are key frames all: the reel is as long, begins at 0 and goes on without a gap.
    let stream = try FrameStream(contentsOf: folder.path("reel.mkv"))
    var times: [Double] = []
    while let time = try stream.next() { times.append(time) }
    #expect((20...30).contains(times.count) && times[0] == 0)
    #expect(zip(times, times.dropFirst()).allSatisfy { abs($1 - $0 - 0.1) < 2e-3 })
  }

  @Test(arguments: [
    (["--reel", "r.mkv"], 64, "--reel takes --length"), (["--length", "0s"], 64, "'0s' is invalid"),
    (["--length", "soon"], 64, "'soon' is invalid"),
    (["--length", "3", "--reel", "v.y4m"], 64, "is an input"),
    (["--length", "3", "--reel", "r.mkv", "--sandbox"], 64, "--sandbox"),
    (["--length", "3", "--reel", "r.mp4"], 1, "ends in .mkv"),
    (["--length", "3", "--reel", "none/r.mkv"], 74, "none/r.mkv"),
  ])
  func whatCannotBeCutOutSaysSo(arguments: [String], status: Int32, message: String) async throws {
    let result = try await program.run(["v.y4m", "--output", "out"] + arguments)
    #expect(result.status == status && result.errors.contains(message), "\(result)")
    #expect(try folder.contents.allSatisfy { !$0.hasPrefix("r.") })
  }
}
