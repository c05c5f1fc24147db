import Foundation
import Models
import TestSupport
import Testing

/// What the shipped models say in single precision, word for word: a change of the code that changes it is seen here. (Kernels of
/// other CPUs add in another order; the sentences are far enough from each other for that.)
@Suite struct GoldenSentencesTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  private static let environment = ["NARRATE_MODELS": root.appendingPathComponent("models").path]

  /// Without a style, and in each of the styles.
  @Test(arguments: [
    (
      "photos",
      [
        "astronaut": "unsure: a man in a red helmet is standing in a garage",
        "cat": "a close up of a cat",
        "coffee": "unsure: a white bowl filled with a brown and an orange",
        "dog": "a brown dog is running through the grass",
        "horses": "a group of cows are standing in a field",
        "rocket": "a clock tower in the city at night",
      ]
    ),
    (
      "flickr8k",
      [
        "astronaut": "unsure: a man in a red helmet is standing in a garage",
        "cat": "a cat is looking at the camera",
        "coffee": "unsure: a white bowl is sitting on a wooden surface",
        "dog": "a brown and black dog is running through the grass",
        "horses": "a group of three black cows are standing in the grass",
        "rocket": "unsure: a tower with a clock on the pole",
      ]
    ),
    (
      "msrvtt",
      [
        "astronaut": "unsure: a man in a helmet is standing in a kitchen",
        "cat": "a cat is looking at the camera", "coffee": "unsure: a bowl is sitting on a table",
        "dog": "a dog is running through the grass",
        "horses": "unsure: a group of three black and white are in a field",
        "rocket": "unsure: a city street with a tower in a parking lot",
      ]
    ),
  ])
  func everyPictureHasItsSentence(style: String, sentences: [String: String]) async throws {
    let names = sentences.keys.sorted()
    let pictures = names.map { Self.root.appendingPathComponent("assets/\($0).jpg").path }
    let result = try await narrate(
      ["caption"] + pictures + ["--precision", "f32", "--style", style], in: TemporaryFolder(),
      environment: Self.environment)
    #expect(result.status == 0 && result.errors.isEmpty)
    let said = result.output.split(separator: "\n").map { line in
      String((line.split(separator: "\t").last ?? "").prefix { $0 != ";" })
    }
    #expect(said == names.map { sentences[$0] })
  }

  /// Nine seconds in three looks: stripes, a checkerboard, a disc, each of which moves.
  private func clip() throws -> TemporaryFolder {
    var video = RawVideo(width: 96, height: 64, rate: 10)
    for frame in 0..<30 {
      video.append(u: 90, v: 190) { row, column in UInt8(60 + (column + row + frame) % 8 * 15) }
    }
    for frame in 0..<30 {
      video.append(u: 190, v: 90) { row, column in
        UInt8(40 + ((column + 2 * frame) / 12 + row / 12) % 2 * 150)
      }
    }
    for frame in 0..<30 {
      video.append(u: 110, v: 150) { row, column in
        let (x, y) = (column - 48 - frame % 20, row - 32)
        return x * x + y * y < 400 ? 200 : 50
      }
    }
    let folder = try TemporaryFolder()
    try folder.write(video.bytes, "clip.y4m")
    return folder
  }

  @Test func aClipHasItsSentences() async throws {
    let folder = try clip()
    let caption = ["caption", "clip.y4m", "--precision", "f32"]
    let whole = try await narrate(caption, in: folder, environment: Self.environment)
    #expect(whole.output.hasPrefix("unsure: a person is talking in a room"))
    let parts = try await narrate(caption + ["--every", "3"], in: folder, environment: Self.environment)
    #expect(
      parts.output == """
        0.000\t3.000\tunsure: a group of people are standing in the room; perhaps: tile roof, window shade
        3.000\t6.000\tunsure: a man is talking about a youtube channel; perhaps: crossword puzzle, nematode, shower curtain
        6.000\t9.000\tunsure: a person is in a room with a big white kitchen; perhaps: table lamp, hourglass, binder

        """)
  }

  @Test func aClipHasItsShots() async throws {
    let result = try await narrate(
      ["summarize", "clip.y4m", "--output", "story", "--precision", "f32"], in: clip(),
      environment: Self.environment)
    #expect(
      result.output == """
        0.000\t3.000\tstart\tperhaps a group of people are standing in the room
        3.000\t6.000\tcut\tperhaps a man is talking about a youtube channel
        6.000\t9.000\tcut\tperhaps a person is in a kitchen with a big white wall

        """)
  }

  @Test func aClipHasItsLabels() async throws {
    let folder = try clip()
    let result = try await narrate(
      ["label", "clip.y4m", "--format", "jsonl"], in: folder, environment: Self.environment)
    #expect(
      result.output.hasPrefix(
        #"{"path":"clip.y4m","status":"ok","duration":9,"segments":[{"start":0,"end":4.5,"labels":[{"label":"barbequing","probability":0.5"#
      ))
    #expect(result.output.contains(#"{"start":4.5,"end":9,"labels":[{"label":"folding napkins","#))
  }
}
