import Foundation
import Media
import Models
import Narration
import Testing
import Training

/// What is calibrated of a public checkpoint that was imported.
@Suite struct ImportedCalibrationTests {
  private let laboratory: Laboratory
  private let model: URL
  private static let checkpoints = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("ModelsTests/Fixtures/checkpoints")

  init() throws {
    laboratory = try Laboratory()
    model = laboratory.output("imported")
    try CheckpointImport(from: Self.checkpoints.appendingPathComponent("git")).write(to: model, card: "")
  }

  @Test func precisionNeedsValidationPicturesAlone() throws {
    try laboratory.addMany(training: 0, validation: 3)
    #expect(try CaptionEngine(model: model).precision == .f32)
    let file = try PrecisionCalibration(laboratory.task(model, ["many"])).run()
    #expect(file.ranges.isEmpty)
    let tried = Precision.allCases.filter { $0 != .auto && $0.isSupported }
    #expect(Set(file.cider.keys) == Set(tried))
    // Random weights describe nothing, in any numbers: the fastest are taken.
    #expect(file.cider.values.allSatisfy { $0 < 0.01 })
    if let fastest = [Precision.int8, .bf16].first(where: \.isSupported) {
      #expect(try CaptionEngine(model: model).precision == fastest)
    }
    #expect(try CaptionEngine(model: model, precision: .f32).precision == .f32)
    // Of other weights.
    try PrecisionFile(weights: "0", ranges: [:], cider: [.f32: 0, .int8: 0, .bf16: 0]).encoded()
      .write(to: model.appendingPathComponent(PrecisionFile.fileName))
    #expect(try CaptionEngine(model: model).precision == .f32)
  }

  @Test func confidenceIsLearnedWithoutClasses() throws {
    try laboratory.addMany(training: 0, validation: 110)
    #expect(try CaptionEngine(model: model).sureConfidence == nil)
    _ = try ConfidenceCalibration(laboratory.task(model, ["many"]), precision: .f32).run(drawn: 2)
    let file = try #require(
      try ConfidenceFile.read(of: CaptioningModel(contentsOf: model), in: model, reranker: nil).content?.0)
    for term in file.terms where term.name.hasPrefix("class ") {
      #expect(term.weight == 0 && term.familiarity == 0, "\(term.name)")
    }
    #expect(file.terms.contains { $0.name == "least log-probability" && $0.scale > 1e-6 })
    let captioner = try CaptionEngine(model: model)
    // Of random weights nothing is right, and everything is unsure.
    #expect(file.threshold == 0.01)
    #expect(captioner.sureConfidence == file.threshold && captioner.skippedFiles == [])
    let picture = try Picture(contentsOf: laboratory.output("many/images/0.png").path)
    let caption = try captioner.caption(picture.image)[0]
    let mean = caption.words.reduce(0) { $0 + log($1.probability) } / Double(max(1, caption.words.count))
    #expect(caption.confidence < 0.1 && abs(caption.confidence - exp(mean)) > 1e-6)
  }

  @Test func theRestIsOfOurOwnModels() throws {
    let error = #expect(throws: ModelError.self) {
      try RerankerCalibration(laboratory.task(model, ["data"]), precision: .f32)
    }
    #expect(error?.description.contains("an imported model") == true)
    #expect(throws: ModelError.self) {
      try TagCalibration(laboratory.task(model, ["data"]), original: laboratory.encoder)
    }
  }
}
