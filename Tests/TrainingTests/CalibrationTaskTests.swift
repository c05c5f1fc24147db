import Datasets
import Foundation
import Media
import Models
import Narration
import Networks
import Tensors
import Testing
import Training

@Suite struct CalibrationTaskTests {
  /// The laboratory's encoder with a classifier of ten classes.
  private func encoder(_ laboratory: Laboratory) throws -> SafetensorsFile {
    var random = Optional(RandomGenerator(seed: 4))
    var writer = SafetensorsWriter()
    for name in laboratory.encoder.names { writer.add(name, try laboratory.encoder.tensor(name), half: true) }
    writer.add(
      "classifier", Linear(inputs: EfficientNetLite.channels, outputs: 10, using: &random), half: true)
    let path = laboratory.output("classified.safetensors").path
    try writer.write(to: path)
    return try SafetensorsFile(path: path)
  }

  private func runAll(
    _ laboratory: Laboratory, _ folder: URL, _ encoder: SafetensorsFile, _ data: String
  ) throws -> [String: String] {
    var told: [String: String] = [:]
    try CalibrationTask.runAll(
      model: folder, encoder: encoder, data: [CaptionDataset(at: laboratory.output(data))], threads: 2,
      report: { _ in }, tell: { told[$0] = $1 })
    return told
  }

  @Test func aTrainedModelGetsAllThatItCanHave() throws {
    let laboratory = try Laboratory()
    try laboratory.addMany(training: 40, validation: 110)
    laboratory.settings.optimization.epochs = 0
    laboratory.settings.fineTuning.epochs = 1
    laboratory.settings.fineTuning.blocks = 1
    laboratory.settings.fineTuning.encoderRate = 1e-3
    let encoder = try encoder(laboratory)
    let folder = try laboratory.train("run", on: ["many"], encoder: encoder)
    let told = try runAll(laboratory, folder, encoder, "many")
    #expect(told.keys.sorted() == ["confidence", "precision", "reranker", "tags"])
    #expect(told.values.allSatisfy { !$0.contains("left out") }, "\(told)")
    // All of it is about the weights as they are in the end, and is used.
    let model = try CaptionModel(contentsOf: folder)
    let reranker = try #require(try CaptionReranker.read(of: model, in: folder).content)
    #expect(try ConfidenceFile.read(of: .trained(model), in: folder, reranker: reranker).content != nil)
    let captioner = try CaptionEngine(model: folder)
    #expect(captioner.sureConfidence != nil)
    #expect(try model.weights.tensor("classifier.weight") != encoder.tensor("classifier.weight"))
    #expect(captioner.skippedFiles == [])

    // A reranker of another version: neither it nor the confidence of its captions counts, and no confidence is fitted without it.
    let path = folder.appendingPathComponent(CaptionReranker.fileName)
    try SafetensorsWriter(metadata: ["format": "2", "weights": model.weightsDigest]).write(to: path.path)
    #expect(
      try CaptionEngine(model: folder).skippedFiles.map(\.lastPathComponent) == [
        "reranker.safetensors", "confidence.json",
      ])
    let error = #expect(throws: ModelError.self) {
      try ConfidenceCalibration(laboratory.task(folder, ["many"]), precision: .f32).run()
    }
    #expect(error?.description.contains("reranker.safetensors: about other weights") == true)
    try FileManager.default.removeItem(at: path)
    #expect(try CaptionEngine(model: folder).skippedFiles.map(\.lastPathComponent) == ["confidence.json"])
  }

  @Test func whatTheDataIsTooSmallForIsLeftOut() throws {
    let laboratory = try Laboratory()
    laboratory.settings.optimization.epochs = 1
    let encoder = try encoder(laboratory)
    let folder = try laboratory.train("run", encoder: encoder)
    let told = try runAll(laboratory, folder, encoder, "data")
    // The encoder is as it was: its classifier, too.
    #expect(told.keys.sorted() == ["confidence", "precision", "reranker"])
    #expect(told["precision"]?.hasPrefix("f32  CIDEr-D") == true)
    #expect(told["reranker"]?.hasPrefix("left out: ") == true)
    #expect(told["confidence"]?.contains("100 are needed") == true)
    #expect(try CaptionEngine(model: folder).sureConfidence == nil)
    // Without a classifier there is nothing to judge a caption by.
    let plain = try laboratory.train("plain")
    #expect(
      try runAll(laboratory, plain, laboratory.encoder, "data").keys.sorted() == ["precision", "reranker"])
  }
}
