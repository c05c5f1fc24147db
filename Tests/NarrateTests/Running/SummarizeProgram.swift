import Foundation
import Narration
import Reports
import Subprocess
import TestSupport
import Testing

/// A look that lasts some frames: chroma, the period of stripes that move (0: one color), and how much light there is.
struct Look {
  var frames: Int
  var u: UInt8
  var v: UInt8
  var period: Int
  var light = 1.0

  static let first = Look(frames: 30, u: 90, v: 190, period: 8)
  static let second = Look(frames: 20, u: 190, v: 90, period: 23)
  static let black = Look(frames: 20, u: 128, v: 128, period: 0)

  func lasting(_ frames: Int, light: Double = 1) -> Look {
    var look = self
    (look.frames, look.light) = (frames, light)
    return look
  }
}

/// `narrate summarize` with the models of this repository, on videos made here.
struct SummarizeProgram {
  let folder: TemporaryFolder
  static let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("models").path

  init() throws { folder = try TemporaryFolder() }

  /// 10 frames a second.
  func write(_ looks: [Look], _ name: String) throws {
    var video = RawVideo(width: 96, height: 64, rate: 10)
    for look in looks {
      func chroma(_ value: UInt8) -> UInt8 { UInt8(128 + (Double(value) - 128) * look.light) }
      for frame in 0..<look.frames {
        video.append(u: chroma(look.u), v: chroma(look.v)) { row, column in
          guard look.period > 0 else { return 16 }
          let luma = 60 + (column + row + frame) % look.period * 120 / look.period
          return UInt8(16 + Double(luma - 16) * look.light)
        }
      }
    }
    try folder.write(video.bytes, name)
  }

  func run(_ arguments: [String]) async throws -> Program.Outcome {
    try await run(arguments.map { Array($0.utf8) })
  }

  /// - Parameter arguments: need not be UTF-8
  func run(_ arguments: [[UInt8]]) async throws -> Program.Outcome {
    let all = ["summarize", "--detector", "adaptive", "--threads", "1"].map { Array($0.utf8) } + arguments
    return try await Program.run(
      Arguments(all.map { $0 + [0] }), in: folder, environment: ["NARRATE_MODELS": Self.models])
  }

  /// A line a shot: start, end, transition and caption.
  func shots(_ name: String) async throws -> [[String]] {
    let result = try await run([name, "--output", "\(name).out"])
    #expect(result.status == 0 && result.errors.isEmpty)
    return result.output.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
  }

  func json(_ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: folder.path(name)))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: folder.path(name), encoding: .utf8)
  }
}
