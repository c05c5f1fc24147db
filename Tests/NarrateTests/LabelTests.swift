import Foundation
import Narration
import Reports
import TestSupport
import Testing

/// `narrate label` with the model of this repository, on videos made here: the Kinetics network on a few frames.
@Suite struct LabelTests {
  private let folder: TemporaryFolder
  private static let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("models").path

  init() throws { folder = try TemporaryFolder() }

  /// Stripes that move, or do not.
  private func write(
    _ frames: Int, rate: Int = 25, width: Int = 64, height: Int = 48, moves: Bool = true, _ name: String
  )
    throws
  {
    var video = RawVideo(width: width, height: height, rate: rate)
    for frame in 0..<frames {
      video.append { row, column in UInt8(60 + (column + row + (moves ? frame : 0)) % 12 * 10) }
    }
    try folder.write(video.bytes, name)
  }

  private func label(_ arguments: [String]) async throws -> Program.Outcome {
    try await narrate(["label"] + arguments, in: folder, environment: ["NARRATE_MODELS": Self.models])
  }

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func aShortVideoRepeatsItsFramesAndSaysSo() async throws {
    try write(20, "short.y4m")
    let result = try await label(["short.y4m", "--format", "jsonl", "--top", "5"])
    #expect(result.status == 0 && result.errors.isEmpty)
    let object = try json(result.output)
    #expect(object["repeated_frames"] as? Int == 44 && object["model"] as? String == "action-kinetics400")
    #expect(object["duration"] as? Double == 0.8)
    let segments = try #require(object["segments"] as? [[String: Any]])
    #expect(segments.count == 1 && segments[0]["still"] as? Bool == false)
    let labels = try #require(segments[0]["labels"] as? [[String: Any]])
    #expect(labels.count == 5)
    let probabilities = labels.compactMap { $0["probability"] as? Double }
    #expect(probabilities == probabilities.sorted(by: >) && probabilities.allSatisfy { 0...1 ~= $0 })
  }

  @Test func whereNothingMovesTheNetworkIsNotAsked() async throws {
    try write(30, moves: false, "still.y4m")
    try write(1, "one.y4m")
    for name in ["still.y4m", "one.y4m"] {
      let result = try await label([name])
      #expect(result.status == 0 && result.output.hasSuffix("\tnothing moves\n"), "\(result)")
    }
  }

  @Test func aTimelineIsDrawn() async throws {
    try write(20, "v.y4m")
    // A threshold that every network passes, so that there are bands to draw.
    for name in ["t.png", "t.SVG"] {
      let result = try await label(["v.y4m", "--threshold", "0.001", "--timeline", name])
      #expect(result.status == 0, "\(result.errors)")
    }
    let png = try Data(contentsOf: URL(fileURLWithPath: folder.path("t.png")))
    #expect(png.starts(with: [0x89, 0x50, 0x4e, 0x47]))
    let svg = try String(contentsOfFile: folder.path("t.SVG"), encoding: .utf8)
    #expect(svg.contains("data:image/jpeg;base64,"))
    let texts = try #require(svg.components(separatedBy: "</desc>").first)
    #expect(texts.contains("<desc>v\n") && texts.contains("%\n0:00"))
  }

  @Test func aTimelineThatCannotBeIsAnError() async throws {
    try write(2, "v.y4m")
    for arguments in [
      ["v.y4m", "--timeline", "t.gif"], ["v.y4m", "v.y4m", "--timeline", "t.png"],
      [".", "--recursive", "--timeline", "t.png"], ["v.y4m", "--threshold", "1.5"],
      ["v.y4m", "--stride", "0"],
    ] { #expect(try await label(arguments).status == 64, "\(arguments)") }
    let lost = try await label(["v.y4m", "--timeline", "none/t.png"])
    #expect(lost.status == 74 && lost.errors.contains("none/t.png"))
  }

  @Test func aModelWhoseScoresAreNoNumbersIsDamaged() async throws {
    let source = URL(fileURLWithPath: Self.models).appendingPathComponent("action-kinetics400")
    let target = folder.url.appendingPathComponent("model")
    try FileManager.default.copyItem(at: source, to: target)
    let file = target.appendingPathComponent("model.safetensors")
    var bytes = [UInt8](try Data(contentsOf: file))
    let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    let header = try json(String(decoding: bytes[8..<8 + length], as: UTF8.self))
    let entry = try #require(header["classifier.bias"] as? [String: Any])
    let offsets = try #require(entry["data_offsets"] as? [Int])
    // Half precision: 0x7E00 is no number.
    bytes[8 + length + offsets[0]] = 0
    bytes[8 + length + offsets[0] + 1] = 0x7e
    try Data(bytes).write(to: file)
    try write(8, "v.y4m")
    let result = try await label(["v.y4m", "--model", "model"])
    #expect(result.status == 65 && result.output.isEmpty)
    #expect(
      result.errors.hasSuffix("model.safetensors: weights whose scores are no numbers\n"), "\(result.errors)")
  }

  @Test func theFilesToWriteAreTriedBeforeTheWorkIsDone() async throws {
    try write(8, "v.y4m")
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("t.png"), withIntermediateDirectories: false)
    for arguments in [
      ["--timeline", "t.png"], ["--activitynet", "t.png"], ["--activitynet", "none/a.json"],
    ] {
      let result = try await label(["v.y4m", "--format", "json"] + arguments)
      #expect(result.status == 74 && result.output.isEmpty, "\(arguments)")
    }
    let good = try await label(["v.y4m", "--threshold", "0.001", "--activitynet", "a.json"])
    #expect(good.status == 0)
    let results = try json(try String(contentsOfFile: folder.path("a.json"), encoding: .utf8))["results"]
    let segments = try #require((results as? [String: Any])?["v"] as? [[String: Any]])
    #expect(!segments.isEmpty && segments[0]["label"] is String)
  }

  @Test func aModelWithALabelTooFewIsRefused() async throws {
    let source = URL(fileURLWithPath: Self.models).appendingPathComponent("action-kinetics400")
    let target = folder.url.appendingPathComponent("model")
    try FileManager.default.copyItem(at: source, to: target)
    let place = target.appendingPathComponent("labels.txt")
    let lines = try String(contentsOf: place, encoding: .utf8).split(separator: "\n")
    try (lines.dropLast().joined(separator: "\n") + "\n").write(to: place, atomically: true, encoding: .utf8)
    try write(2, "v.y4m")
    let result = try await label(["v.y4m", "--model", "model"])
    #expect(result.status == 65 && result.output.isEmpty)
    #expect(
      result.errors.hasSuffix("labels.txt: 399 labels, the configuration says 400\n"), "\(result.errors)")
  }
}
