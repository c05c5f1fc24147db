import Compute
import Foundation
import Media
import Models
import Networks
import Tensors
import Testing

/// I3D with the weights of the shipped model: `Fixtures/make_i3d_golden.py`.
@Suite struct I3DTests {
  private static let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("models/action-kinetics400")

  /// Features and logits of a window.
  private static func run(_ frames: [Image], threads: Int) throws -> (features: [Float], logits: [Float]) {
    let model = try ActionModel(contentsOf: Self.model)
    let encoder = try ThreadTeam(threads).run { try ClipEncoder(weights: model.weights, Engine()) }
    guard case .classifier(let classifier) = try model.head() else { fatalError("it has a classifier") }
    var features = Tensor(shape: [I3D.steps, I3D.channels])
    features.fill(.nan)
    encoder.encode(frames, into: features.mutableRows)
    return (features.values, I3D.logits(classifier, features.rows))
  }

  private static func worst(_ found: [Float], _ expected: [Float]) throws -> Float {
    let scale = try #require(expected.map(abs).max())
    return try #require(zip(found, expected).map { $0.isNaN ? .infinity : abs($0 - $1) / scale }.max())
  }

  @Test func featuresAndLogitsEqualJAX() throws {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/i3d_golden", withExtension: "safetensors"))
    let golden = try SafetensorsFile(path: url.path)
    let side = I3D.inputSize
    let frames = (0..<I3D.frames).map { t in
      let pixels = (0..<side * side * 3).map { index in
        let (y, x, c) = (index / (side * 3), index / 3 % side, index % 3)
        return UInt8((y * 7 + x * 13 + c * 29 + t * 11 + (y * x + t * y) % 31) % 256)
      }
      return Image(width: side, height: side, pixels: pixels)
    }
    let one = try Self.run(frames, threads: 1)
    let expected = try golden.tensor("features").values
    let features = stride(from: 0, to: one.features.count, by: 7).map { one.features[$0] }
    #expect(features.count == expected.count)
    #expect(try Self.worst(features, expected) < 1e-3)
    #expect(try Self.worst(one.logits, golden.tensor("logits").values) < 1e-3)
    let two = try Self.run(frames, threads: 2)
    #expect(one == two, "the same for any number of threads")
  }

  /// Real clips are too large to be committed; the script makes them.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["NARRATE_I3D_GOLDEN"] != nil))
  func logitsOfRealClipsEqualJAX() throws {
    let path = try #require(ProcessInfo.processInfo.environment["NARRATE_I3D_GOLDEN"])
    let golden = try SafetensorsFile(path: path)
    let side = I3D.inputSize
    for number in 0..<golden.names.count / 2 {
      let pixels = try golden.tensor("\(number).frames").values.map { UInt8($0) }
      let frames = (0..<I3D.frames).map {
        Image(
          width: side, height: side, pixels: Array(pixels[$0 * side * side * 3..<($0 + 1) * side * side * 3]))
      }
      let found = try Self.run(frames, threads: 2).logits
      let error = try Self.worst(found, golden.tensor("\(number).logits").values)
      print("clip \(number): largest error \(error) of the largest logit")
      #expect(error < 1e-3)
    }
  }

  @Test func aFrameIsCutOutOfTheMiddle() throws {
    let model = try ActionModel(contentsOf: Self.model)
    let encoder = try ClipEncoder(weights: model.weights, Engine())
    for (width, height) in [(320, 240), (240, 320), (256, 256), (1, 1), (3, 2000), (2000, 3)] {
      let image = Image(
        width: width, height: height,
        pixels: (0..<width * height).flatMap { [UInt8($0 % width * 255 / width), 7, 9] })
      let sample = encoder.sample(image)
      #expect((sample.width, sample.height) == (224, 224))
      // The middle of a ramp from left to right stays in the middle.
      if width > 200 && height > 200 {
        #expect(abs(Int(sample.pixels[(112 * 224 + 112) * 3]) - 127) <= 2)
      }
    }
  }
}
