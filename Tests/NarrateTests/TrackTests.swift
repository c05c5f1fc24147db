import Foundation
import TestSupport
import Testing

@Suite struct TrackTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(Self.video(frames: 12), "v.y4m")
    try folder.write(Self.video(frames: 1), "one.y4m")
  }

  /// A chequered thing of 40 × 30 that moves 4 pixels to the right and 2 down a frame, from (30, 25), over stripes, at 10 frames a second.
  private static func video(frames: Int) -> [UInt8] {
    var bytes = Array("YUV4MPEG2 W192 H128 F10:1 Ip A1:1 C420jpeg\n".utf8)
    for frame in 0..<frames {
      bytes += Array("FRAME\n".utf8)
      let (left, top) = (30 + 4 * frame, 25 + 2 * frame)
      for y in 0..<128 {
        for x in 0..<192 {
          let isThing = x >= left && x < left + 40 && y >= top && y < top + 30
          let (column, row) = ((x - left) / 8, (y - top) / 6)
          bytes.append(
            isThing
              ? [220, 40, 150, 90][(column * 3 + row * 2 + column * row) % 4]
              : UInt8(110 + (x / 12 + y / 9) % 3 * 12))
        }
      }
      bytes += [UInt8](repeating: 128, count: 192 * 128 / 2)
    }
    return bytes
  }

  private func track(_ line: String) async throws -> Program.Outcome {
    try await shell("$narrate track --threads 1 \(line)", in: folder)
  }

  @Test("A line a frame, and the box goes with the thing")
  func aLineAFrame() async throws {
    let result = try await track("v.y4m --box 30,25,40,30")
    #expect(result.status == 0 && result.errors.isEmpty)
    let lines = result.output.split(separator: "\n").map {
      $0.split(separator: ",").compactMap { Double($0) }
    }
    #expect(lines.count == 12 && lines.allSatisfy { $0.count == 8 && $0[7] == 0 })
    #expect(lines.first?.prefix(6) == [0, 0, 30, 25, 40, 30])
    for (frame, line) in lines.enumerated() where line.count == 8 {
      #expect(line[0] == Double(frame) && abs(line[1] - Double(frame) / 10) < 1e-6)
      #expect(abs(line[2] + line[4] / 2 - Double(50 + 4 * frame)) < 6)
      #expect(abs(line[3] + line[5] / 2 - Double(40 + 2 * frame)) < 6)
    }
  }

  @Test func laterFramesAndSeveralThings() async throws {
    let result = try await track(
      "v.y4m --at 0.5 --box 50,35,40,30 --box 0,90,40,30 --name 'the thing' --name stripes")
    let lines = result.output.split(separator: "\n").map { $0.split(separator: ",") }
    #expect(result.status == 0 && lines.count == 14 && lines.allSatisfy { $0.count == 9 })
    #expect(lines.first?.first == "5" && lines.first?.last == "the thing" && lines.last?.last == "stripes")
    let mot = try await track("v.y4m --box 30,25,40,30 --format mot -o boxes.csv")
    #expect(mot.status == 0 && mot.output.isEmpty)
    let written = try String(contentsOfFile: folder.path("boxes.csv"), encoding: .utf8)
    #expect(written.hasPrefix("1,1,31.0,26.0,40.0,30.0,1.000,-1,-1,-1\n"))
  }

  @Test func json() async throws {
    let result = try await track("one.y4m --box 30,25,40,30 --format json")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect(result.status == 0 && object["width"] as? Int == 192 && object["height"] as? Int == 128)
    let things = try #require(object["things"] as? [[String: Any]])
    #expect(things.count == 1 && (things[0]["frames"] as? [[String: Any]])?.count == 1)
  }

  @Test(
    "What cannot be followed is a line, and the right status",
    arguments: [
      ("v.y4m --box 170,25,40,30", 64, "--box: the box is not within the picture of 192×128"),
      ("v.y4m --box 30,25,0,30", 64, "--box: a box has an area"),
      ("v.y4m --box 30,25,1,1", 64, "--box: the box is too small: 4 pixels are the least across and down"),
      ("v.y4m --box 30,25,40,30 --at 9", 64, "--at: the video has no frame at 9.0 s: it ends at 1.200 s"),
      ("none.mp4 --box 30,25,40,30", 1, "none.mp4: no such file"),
    ] as [(String, Int32, String)])
  func badInput(line: String, status: Int32, message: String) async throws {
    let result = try await track(line)
    #expect(result.status == status && result.output.isEmpty)
    #expect(result.errors == "narrate: \(message)\n")
  }

  @Test("What is typed wrongly is told before anything is read")
  func usage() async throws {
    for line in [
      "v.y4m", "v.y4m --box 1,2,3", "v.y4m --box 1,2,3,4 --name a --name b", "v.y4m --box 1,2,30,40 -o v.y4m",
    ] {
      let result = try await track(line)
      #expect(result.status == 64 && result.output.isEmpty && !result.errors.isEmpty)
    }
    #expect(FileManager.default.contents(atPath: folder.path("v.y4m")) == Data(Self.video(frames: 12)))
  }

  @Test func sequencesThatCannotBeUsed() async throws {
    try folder.write("", "empty/nothing")
    try folder.write("1,2,3\n", "bad/s/groundtruth_rect.txt")
    let empty = try await shell("$narrate evaluate --track empty", in: folder)
    #expect(
      empty.status == 65 && empty.errors == "narrate: empty: no folder in it has groundtruth_rect.txt\n")
    let bad = try await shell("$narrate evaluate --track bad", in: folder)
    #expect(
      bad.status == 65
        && bad.errors == "narrate: bad/s/groundtruth_rect.txt: line 1: a box is of four numbers\n")
  }
}
