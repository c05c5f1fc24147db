import Compute
import Foundation
import Media
import Models
import Networks
import Tensors
import Testing

/// The encoder and its classifier with the weights of the shipped model: `Fixtures/make_encoder_golden.py`.
@Suite struct EncoderGoldenTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let model = root.appendingPathComponent("models/caption-everyday/model.safetensors").path

  @Test func featuresAndLogitsEqualPyTorch() throws {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/encoder_golden", withExtension: "safetensors"))
    let golden = try SafetensorsFile(path: url.path)
    let weights = try SafetensorsFile(path: Self.model)
    let network = EfficientNetLite(.lite2)
    let side = network.inputSize
    var pixels: [UInt8] = []
    for y in 0..<side {
      for x in 0..<side {
        for c in 0..<3 { pixels.append(UInt8((y * 7 + x * 13 + c * 29 + (y * x) % 31) % 256)) }
      }
    }
    let image = Image(width: side, height: side, pixels: pixels)
    for threads in [1, 2] {
      let encoder = try ThreadTeam(threads).run {
        try GridEncoder(network, weights: weights, Engine())
      }
      let features = [Float](encoder.encode(image))
      let expected = try golden.tensor("lite2.features").values
      #expect(expected.count == (encoder.positions * EfficientNetLite.channels + 36) / 37)
      let largest = try #require(expected.max())
      let errors = expected.indices.map { index in
        let found = features[index * 37]
        return found.isNaN ? .infinity : abs(found - expected[index]) / largest
      }
      #expect(try #require(errors.max()) < 1e-3)
      let logits = try ImageClassifier(from: weights).logits(encoder.encode(image))
      let known = try golden.tensor("lite2.logits").values
      let scale = try #require(known.map(abs).max())
      let worst = zip(logits, known).map { $0.isNaN ? .infinity : abs($0 - $1) / scale }.max()
      #expect(try #require(worst) < 1e-3)
    }
  }

  /// What bytes cost the shipped model's features.
  @Test(arguments: ["cat.jpg", "coffee.jpg", "dog.jpg"]) func bytesKeepThePhotographsFeatures(name: String)
    throws
  {
    let model = try CaptionModel(contentsOf: Self.root.appendingPathComponent("models/caption-everyday"))
    let file = Self.root.appendingPathComponent("models/caption-everyday/precision.json")
    let ranges = try JSONDecoder().decode(PrecisionFile.self, from: Data(contentsOf: file)).ranges
    let picture = try Picture(contentsOf: Self.root.appendingPathComponent("assets/\(name)").path)
    func features(_ precision: EncoderPrecision) throws -> [Float] {
      let encoder = try GridEncoder(
        model.configuration.encoder, weights: model.weights, Engine(), precision: precision)
      return [Float](encoder.encode(picture.image))
    }
    let (expected, found) = (try features(.f32), try features(.int8(ranges: ranges)))
    let error = zip(found, expected).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
    let power = expected.map { $0 * $0 }.reduce(0, +)
    #expect(error < 0.06 * power)
  }

  /// ImageNet classes that the first five must share with these: cats; cups and coffee.
  @Test(arguments: [
    ("cat.jpg", Set([281, 282, 283, 284, 285, 287])), ("coffee.jpg", Set([504, 967, 968, 647, 925])),
  ])
  func realPhotographsHaveSensibleClasses(name: String, classes: Set<Int>) throws {
    let weights = try SafetensorsFile(path: Self.model)
    let encoder = try GridEncoder(EfficientNetLite(.lite2), weights: weights, Engine())
    let picture = try Picture(contentsOf: Self.root.appendingPathComponent("assets/\(name)").path)
    let logits = try ImageClassifier(from: weights).logits(encoder.encode(picture.image))
    let best = logits.indices.sorted { logits[$0] > logits[$1] }.prefix(5)
    #expect(!classes.isDisjoint(with: best), "\(best)")
  }
}
