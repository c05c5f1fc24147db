import Compute
import Foundation
import Media
import Models
import Narration
import Tensors
import Testing

@Suite struct PrecisionTests {
  private let model: TinyModel
  private let ranges: [String: Float]
  private let image: Image

  init() throws {
    model = try TinyModel()
    var random = RandomGenerator(seed: 3)
    image = Image(
      width: 64, height: 64,
      pixels: (0..<64 * 64 * 3).map { _ in UInt8(truncatingIfNeeded: random.next()) })
    let weights = try CaptionModel(contentsOf: model.folder).weights
    let encoder = try GridEncoder(Self.network, weights: weights, Engine(), observes: true)
    _ = encoder.encode(image)
    ranges = encoder.outputRanges
  }

  private static let network = EfficientNetLite(.lite0, inputSize: 64)

  private var file: URL { model.folder.appendingPathComponent(PrecisionFile.fileName) }

  private func write(cider: [Precision: Double], ranges: [String: Float]? = nil, weights: String? = nil)
    throws
  {
    let digest = try weights ?? CaptionModel(contentsOf: model.folder).weightsDigest
    try PrecisionFile(weights: digest, ranges: ranges ?? self.ranges, cider: cider).encoded().write(to: file)
  }

  @Test func everyLinearLayerHasARange() {
    #expect(Set(ranges.keys) == Set(Self.network.linearLayers.map(\.name)) && ranges.count == 16)
    #expect(ranges.values.allSatisfy { $0 > 0 })
  }

  @Test func featuresInBytesAreNearThoseInSinglePrecision() throws {
    let weights = try CaptionModel(contentsOf: model.folder).weights
    func features(_ precision: EncoderPrecision) throws -> [Float] {
      let encoder = try GridEncoder(Self.network, weights: weights, Engine(), precision: precision)
      return [Float](encoder.encode(image))
    }
    let (expected, found) = (try features(.f32), try features(.int8(ranges: ranges)))
    let error = zip(found, expected).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
    #expect(error < 0.02 * expected.map { $0 * $0 }.reduce(0, +))
  }

  @Test func theFileComesBackAsItWasWritten() throws {
    let written = PrecisionFile(weights: "0", ranges: ["stem": 1.5], cider: [.f32: 0.5, .int8: 0.25])
    #expect(try JSONDecoder().decode(PrecisionFile.self, from: written.encoded()) == written)
    #expect(String(decoding: try written.encoded(), as: UTF8.self).contains(#""int8" : 0.25"#))
  }

  @Test func theFileHasEachDataSetAndTheMean() throws {
    let file = PrecisionFile(
      weights: "0", ranges: [:],
      scores: ["a": [.f32: 0.5, .int8: 0.25], "b": [.f32: 1, .int8: 0.75]])
    #expect(file.cider == [.f32: 0.75, .int8: 0.5])
    #expect(try JSONDecoder().decode(PrecisionFile.self, from: file.encoded()) == file)
    #expect(file.ciderBySource?["b"] == [.f32: 1, .int8: 0.75])
    let older = #"{"cider":{"f32":0.5,"int8":0.25},"format":2,"ranges":{},"weights":"0"}"#
    let read = try JSONDecoder().decode(PrecisionFile.self, from: Data(older.utf8))
    #expect(read == PrecisionFile(weights: "0", ranges: [:], cider: [.f32: 0.5, .int8: 0.25]))
  }

  @Test(.enabled(if: Precision.int8.isSupported)) func aSummarizerCalculatesInWhatItIsTold() throws {
    #expect(try SummaryEngine(captioner: model.folder, shots: nil).captioner.precision == .f32)
    #expect(throws: ModelError.self) {
      try SummaryEngine(captioner: model.folder, shots: nil, precision: .int8)
    }
    try write(cider: [:])
    let summarizer = try SummaryEngine(captioner: model.folder, shots: nil, precision: .int8)
    #expect(summarizer.captioner.precision == .int8)
  }

  @Test func autoTakesWhatCostsNothing() throws {
    func chosen() throws -> Precision { try CaptionEngine(model: model.folder).precision }
    #expect(try chosen() == .f32)
    try write(cider: [.f32: 0.5, .int8: 0.496])
    #expect(try chosen() == (Precision.int8.isSupported ? .int8 : .f32))
    try write(cider: [.f32: 0.5, .int8: 0.494])
    #expect(try chosen() == .f32)
    try write(cider: [.int8: 0.5])
    #expect(try chosen() == .f32)
    try write(cider: [.f32: 0.5, .int8: 0.5], weights: "0123")
    #expect(try chosen() == .f32, "of weights that the model had before")
  }

  @Test func captionsInBytesAreTheSameForAnyNumberOfThreads() throws {
    try write(cider: [:])
    let one = try CaptionEngine(model: model.folder, threads: 1, precision: .int8)
    let two = try CaptionEngine(model: model.folder, threads: 2, precision: .int8)
    #expect(one.precision == .int8)
    let expected = try one.caption(image)
    #expect(try two.caption(image) == expected)
    #expect(try one.copy().caption(image) == expected)
  }

  @Test func bytesNeedTheirRanges() throws {
    func fails(_ reason: String) {
      #expect {
        _ = try CaptionEngine(model: model.folder, precision: .int8)
      } throws: { error in
        (error as? ModelError)?.description.hasPrefix("\(file.path): \(reason)") ?? false
      }
    }
    fails("cannot be read")
    try Data("{".utf8).write(to: file)
    fails("not what narrate calibrate writes")
    try write(cider: [:], weights: "0123")
    fails("of other weights")
    #expect(
      try CaptionEngine(model: model.folder).skippedFiles.map(\.lastPathComponent) == ["precision.json"])
    // Of when the decoder was never in bytes.
    try write(cider: [.f32: 0.5, .int8: 0.5])
    #expect(try CaptionEngine(model: model.folder).precision == .int8)
    let older = try String(contentsOf: file, encoding: .utf8).replacing(
      "\"format\" : 2", with: "\"format\" : 1")
    try Data(older.utf8).write(to: file)
    fails("of other weights or of an earlier version")
    let engine = try CaptionEngine(model: model.folder)
    #expect(engine.precision == .f32 && engine.skippedFiles.map(\.lastPathComponent) == ["precision.json"])
    for damage in [0, -1, Float.leastNonzeroMagnitude] {
      var ranges = ranges
      ranges["blocks.3.project"] = damage
      try write(cider: [:], ranges: ranges)
      fails("its ranges")
    }
    var fewer = ranges
    fewer["blocks.3.project"] = nil
    try write(cider: [:], ranges: fewer)
    fails("its ranges")
    // What does not need the file does not mind it.
    #expect(try CaptionEngine(model: model.folder, precision: .f32).precision == .f32)
    #expect(throws: ModelError.self) { try CaptionEngine(model: model.folder) }
  }

  @Test func whatTheCPUDoesNotHaveIsRefused() throws {
    if Precision.bf16.isSupported {
      #expect(try CaptionEngine(model: model.folder, precision: .bf16).precision == .bf16)
    } else {
      #expect(throws: PrecisionError.self) {
        try CaptionEngine(model: model.folder, precision: .bf16)
      }
    }
  }
}
