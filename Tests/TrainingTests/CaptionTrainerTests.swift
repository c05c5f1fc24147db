import Compute
import Datasets
import Files
import Foundation
import Language
import Media
import Models
import Narration
import Networks
import Tensors
import Testing
import Training

@Suite struct CaptionTrainerTests {
  @Test func aRunLeavesAModelThatCaptions() throws {
    let laboratory = try Laboratory()
    let folder = try laboratory.train("run")
    let captioner = try CaptionEngine(model: folder)
    let log = try MetricsLog(folder.appendingPathComponent("metrics.jsonl").path).entries()
    // It is that of the best epoch, and says what was scored there.
    let examples = try CaptionDataset(at: laboratory.output("data")).examples(in: "val")
    let captions = try examples.map { example in
      try captioner.caption(example.files.map { try Picture(contentsOf: $0).image })[0].text
    }
    let cider = CaptionScorer(references: CaptionEvaluation.words(examples)).scores(
      captions.map(PTBTokenizer.words)
    ).corpus.ciderD
    #expect(captions.allSatisfy { !$0.isEmpty })
    #expect(abs(cider - (try #require(log.compactMap(\.cider).max()))) < 1e-9)
    #expect(log.map(\.epoch) == [1, 2, 3])
    #expect(log.map(\.steps) == [3, 6, 9])
    #expect(log.allSatisfy { $0.trainingLoss.isFinite && $0.validationLoss != nil && $0.cider != nil })
    #expect(log[2].trainingLoss < log[0].trainingLoss)
    let plot = try String(contentsOf: folder.appendingPathComponent("metrics.svg"), encoding: .utf8)
    #expect(plot.contains("losses and CIDEr by epoch</title>"))
  }

  @Test func picturesAndClipsAreLearnedTogether() throws {
    let laboratory = try Laboratory()
    try laboratory.addClips()
    let folder = try laboratory.train("run", on: ["data", "clips"], threads: 2)
    let model = try CaptionModel(contentsOf: folder)
    #expect(model.configuration.styles == ["data", "clips"])
    let decoder = try model.decoder()
    #expect(decoder.style.shape == [2, 16] && decoder.positionEmbedding.shape == [4, 16])
    let log = try MetricsLog(folder.appendingPathComponent("metrics.jsonl").path).entries()
    for entry in log {
      let scores = try #require(entry.ciderBySource)
      #expect(scores.keys.sorted() == ["clips", "data"])
      #expect(abs(scores.values.reduce(0, +) / 2 - (try #require(entry.cider))) < 1e-9)
    }
    #expect(log[2].trainingLoss < log[0].trainingLoss)
    _ = try CaptionEngine(model: folder)
  }

  @Test func aVideoIsLearnedByTheFramesInTheMiddlesOfItsParts() throws {
    let laboratory = try Laboratory()
    try laboratory.addVideos()
    try laboratory.train("from videos", on: ["videos"], threads: 2)
    try laboratory.train("from frames", on: ["frames"])
    #expect(try laboratory.state("from videos") == laboratory.state("from frames"))
    let model = try CaptionModel(contentsOf: laboratory.output("from videos"))
    #expect(try model.decoder().positionEmbedding.shape == [4, 16])
  }

  /// The losses of products that are rounded are near those of floats, and are not the same.
  @Test(.enabled(if: ProductPrecision.hasTiles)) func learnsInBfloat16() throws {
    let laboratory = try Laboratory()
    func losses(_ precision: ProductPrecision) throws -> [Double] {
      laboratory.settings.optimization.precision = precision
      try laboratory.train(precision.rawValue)
      let log = laboratory.output(precision.rawValue).appendingPathComponent("metrics.jsonl")
      return try MetricsLog(log.path).entries().map(\.trainingLoss)
    }
    let (single, rounded) = (try losses(.single), try losses(.bfloat16))
    #expect(!single.isEmpty && single.count == rounded.count && single != rounded)
    for (a, b) in zip(single, rounded) { #expect(abs(a - b) < 0.01 * a) }
  }

  /// A folder is in the way of the last store: those that were to be filled before it are not left behind.
  @Test func featuresAreMadeForAllOrNone() throws {
    let laboratory = try Laboratory()
    laboratory.settings.optimization.epochs = 1
    try laboratory.train("run")
    let cache = laboratory.output("cache")
    let names = try FileManager.default.contentsOfDirectory(atPath: cache.path)
    let last = try #require(names.first { $0.hasSuffix("-train-flipped.features") })
    for name in names { try FileManager.default.removeItem(at: cache.appendingPathComponent(name)) }
    let obstacle = cache.appendingPathComponent(last)
    try FileManager.default.createDirectory(at: obstacle, withIntermediateDirectories: true)
    #expect(throws: FileError(.open, path: obstacle.path, code: EISDIR)) { try laboratory.train("again") }
    #expect(names.count == 3)
    #expect(try FileManager.default.contentsOfDirectory(atPath: cache.path) == [last])
  }

  /// Stopped in the middle of an epoch and at its end, a resumed run ends with the bits of an unbroken one.
  @Test(arguments: [(1, 2), (2, 1), (2, 3), (3, 1)])
  func aResumedRunEqualsAnUnbrokenOne(epoch: Int, batch: Int) throws {
    let laboratory = try Laboratory()
    try laboratory.train("whole")
    #expect(throws: Stop.self) {
      try laboratory.train("broken") { event in
        if case .step(epoch, batch, _, _, _) = event { throw Stop() }
      }
    }
    try laboratory.train("broken", resuming: true)
    #expect(try laboratory.state("whole") == laboratory.state("broken"))
    let logs = try ["whole", "broken"].map { name in
      try MetricsLog(laboratory.output(name).appendingPathComponent("metrics.jsonl").path).entries().map {
        [$0.trainingLoss, $0.validationLoss ?? 0, $0.cider ?? 0]
      }
    }
    #expect(logs[0] == logs[1])
    let models = try ["whole", "broken"].map {
      try Data(contentsOf: laboratory.output($0).appendingPathComponent("model.safetensors"))
    }
    #expect(models[0] == models[1])
  }

  @Test func theResultDoesNotDependOnThreads() throws {
    let laboratory = try Laboratory()
    try laboratory.train("one", threads: 1)
    try laboratory.train("two", threads: 2)
    #expect(try laboratory.state("one") == laboratory.state("two"))
  }

  @Test func aCheckpointOfOtherSettingsIsRefused() throws {
    let laboratory = try Laboratory()
    laboratory.settings.optimization.epochs = 1
    try laboratory.train("run")
    laboratory.settings.optimization.learningRate = 5e-4
    #expect { try laboratory.train("run", resuming: true) } throws: {
      "\($0)".contains("other data or settings")
    }
    laboratory.settings.optimization.learningRate = 1e-3
    laboratory.settings.optimization.epochs = 2  // how long to train may change
    try laboratory.train("run", resuming: true)
  }

  @Test func aCheckpointOfOtherDataIsRefused() throws {
    let laboratory = try Laboratory()
    laboratory.settings.optimization.epochs = 1
    try laboratory.train("run")
    let table = laboratory.output("data/captions.tsv")
    // The same words, so that the vocabulary is the same.
    let text = try String(contentsOf: table, encoding: .utf8)
    try Data(text.replacing("this is the 1 picture", with: "is this the 1 picture").utf8).write(to: table)
    #expect { try laboratory.train("run", resuming: true) } throws: {
      "\($0)".contains("other data or settings")
    }
  }

  @Test func aDamagedCheckpointIsRefused() throws {
    let laboratory = try Laboratory()
    laboratory.settings.optimization.epochs = 1
    let file = try laboratory.train("run").appendingPathComponent("checkpoint.safetensors")
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: file)
    #expect(throws: SafetensorsError.self) { try laboratory.train("run", resuming: true) }
  }

  @Test func aRunThatDivergesEnds() throws {
    let laboratory = try Laboratory()
    (laboratory.settings.optimization.learningRate, laboratory.settings.optimization.warmupSteps) =
      (3e38, 0)
    let error = #expect(throws: DivergedError.self) { try laboratory.train("run") }
    #expect(
      error?.description == "training has diverged: its loss is no number; lower the learning rate")
    #expect(!FileManager.default.fileExists(atPath: laboratory.output("run/model.safetensors").path))
  }

  @Test func trainingStopsWhenNothingImproves() throws {
    let laboratory = try Laboratory()
    laboratory.settings.optimization.learningRate = 1e-12
    laboratory.settings.optimization.epochs = 50
    laboratory.settings.optimization.patience = 2
    let folder = try laboratory.train("run")
    #expect(try MetricsLog(folder.appendingPathComponent("metrics.jsonl").path).entries().count == 3)
  }
}
