import Datasets
import Foundation
import Media
import Models
import Narration
import Networks
import Tensors
import Testing
import Training

@Suite struct EncoderTrainerTests {
  private let laboratory: Laboratory
  private var settings = EncoderSettings()

  init() throws {
    laboratory = try Laboratory()
    settings.encoder = laboratory.settings.encoder
    settings.detector.minimumPictures = 1
    settings.detector.units = 16
    settings.optimization.imagesPerBatch = 3
    settings.optimization.blocks = 2
    settings.optimization.warmupSteps = 2
    settings.optimization.epochs = 2
  }

  @discardableResult
  private func train(
    _ name: String, on sets: [String] = ["many"], _ change: (inout EncoderSettings) -> Void = { _ in },
    threads: Int = 1, resuming: Bool = false, processes: ProcessGroup = .alone,
    report: @escaping (TrainingEvent) throws -> Void = { _ in }
  ) throws -> SafetensorsFile {
    var settings = settings
    change(&settings)
    let data = try sets.map { try #require(TrainingData.Argument(laboratory.output($0).path)) }
    try EncoderTrainer(
      data: TrainingData(data), settings: settings, encoder: laboratory.encoder,
      output: laboratory.output(name), threads: threads, resuming: resuming, processes: processes,
      report: report
    ).run()
    return try SafetensorsFile(
      path: laboratory.output(name).appendingPathComponent("encoder.safetensors").path)
  }

  /// Pictures in one of three colors, which their captions name.
  @Test func itFindsWhatCaptionsName() throws {
    try laboratory.addMany(training: 60, validation: 18)
    let file = try train(
      "run",
      {
        ($0.augmentation.color, $0.optimization.detectorRate, $0.optimization.epochs) = (0, 5e-3, 4)
        ($0.optimization.averageDecay, $0.optimization.patience) = (0.5, 4)
      }, threads: 2)
    let log = try MetricsLog(laboratory.output("run").appendingPathComponent("metrics.jsonl").path).entries()
    #expect(log.count == 4 && log[3].trainingLoss < log[0].trainingLoss)
    #expect(try #require(log.compactMap(\.averagePrecision).max()) > 0.9, "\(log.map(\.averagePrecision))")
    #expect(log[0].averagePrecisionBySource == nil)
    let words = try #require(try FoundWords.read(from: file))
    #expect(Set(["red", "green", "blue"]).isSubset(of: words.concepts.words) && words.styles == ["many"])
    // What has not learned is as it was, what has is not.
    let network = EfficientNetLite(settings.encoder.architecture, inputSize: settings.encoder.inputSize)
    let first = "encoder.\(network.layers[0].name).weight"
    let last = "encoder.\(network.layers[network.layers.count - 1].name).weight"
    let original = laboratory.encoder
    #expect(try file.tensor(first) == original.tensor(first))
    #expect(try file.tensor(last) != original.tensor(last))
    #expect(file.names.filter { $0.hasPrefix("encoder.") } == original.names)
  }

  /// A captioner that is trained on it detects words, as long as its encoder is the one that they were learned on.
  @Test func aCaptionerTakesTheDetectorAlong() throws {
    let file = try train("encoder", on: ["data"])
    laboratory.settings.optimization.epochs = 1
    let folder = try laboratory.train("captioner", encoder: file)
    let words = try #require(try CaptionModel(contentsOf: folder).foundWords())
    #expect(words.concepts.words.contains("picture"))
    let captioner = try CaptionEngine(model: folder)
    let image = try Picture(contentsOf: laboratory.output("data/images/7.png").path).image
    #expect(try captioner.caption(image)[0].support != nil)
    laboratory.settings.optimization.epochs = 0
    laboratory.settings.fineTuning.epochs = 1
    let tuned = try laboratory.train("tuned", encoder: file)
    #expect(try CaptionModel(contentsOf: tuned).foundWords() == nil)
    #expect(try CaptionEngine(model: tuned).caption(image)[0].support == nil)
  }

  @Test func theResultDoesNotDependOnThreads() throws {
    try train("one", on: ["data"])
    try train("two", on: ["data"], threads: 2)
    #expect(try laboratory.state("one") == laboratory.state("two"))
  }

  @Test func twoProcessesTrainAsOneDoes() throws {
    try train("one", on: ["data"])
    let settings = settings
    let data = TrainingData.Argument(laboratory.output("data").path)
    let (encoder, output) = (laboratory.encoder, laboratory.output("two"))
    try together(2) { processes in
      try EncoderTrainer(
        data: TrainingData([#require(data)]), settings: settings, encoder: encoder, output: output,
        threads: 1,
        resuming: false, processes: processes
      ) { _ in }.run()
    }
    #expect(try laboratory.state("one") == laboratory.state("two"))
    let log = try MetricsLog(laboratory.output("two").appendingPathComponent("metrics.jsonl").path).entries()
    let alone = try MetricsLog(laboratory.output("one").appendingPathComponent("metrics.jsonl").path)
      .entries()
    #expect(log.map(\.trainingLoss) == alone.map(\.trainingLoss))
  }

  /// Pictures and clips, stopped in the middle of an epoch: a resumed run ends with the bits of an unbroken one.
  @Test func aResumedRunEqualsAnUnbrokenOne() throws {
    try laboratory.addClips()
    let sets = ["data", "clips"]
    try train("whole", on: sets)
    #expect(throws: Stop.self) {
      try train(
        "broken", on: sets,
        report: { event in
          if case .step(2, 1, _, _, _) = event { throw Stop() }
        })
    }
    try train("broken", on: sets, resuming: true)
    #expect(try laboratory.state("whole") == laboratory.state("broken"))
    #expect {
      try train("broken", on: sets, { $0.optimization.encoderRate = 1e-5 }, resuming: true)
    } throws: { "\($0)".contains("other data or settings") }
    let log = try MetricsLog(laboratory.output("whole").appendingPathComponent("metrics.jsonl").path)
      .entries()
    #expect(log[0].averagePrecisionBySource == nil)
  }

  /// Two validation pictures tell nothing of any concept: the loss says which epoch is best.
  @Test func aSmallValidationSetIsScoredByItsLoss() throws {
    try train("run", on: ["data"])
    let log = try MetricsLog(laboratory.output("run").appendingPathComponent("metrics.jsonl").path).entries()
    #expect(
      log.count == 2 && log.allSatisfy { $0.averagePrecision == nil && $0.validationLoss?.isFinite == true })
  }

  @Test func dataWithoutCommonWordsIsRefused() throws {
    #expect { try train("run", on: ["data"], { $0.detector.minimumPictures = 100 }) } throws: {
      ($0 as? DataError)?.reason.contains("in the captions of 100 training pictures") == true
    }
  }

  @Test func theMeanOfPrecisionsIsThatOfThePlaces() throws {
    func precision(_ scores: [Float], _ sought: [Bool]) -> Double? {
      averagePrecision(zip(scores, sought).map { (score: $0, isSought: $1) })
    }
    let two = try #require(precision([3, 2, 1], [true, false, true]))
    #expect(abs(two - 5.0 / 6) < 1e-12)
    #expect(precision([1, 2], [false, true]) == 1 && precision([1, 1], [false, true]) == 0.5)
    #expect(precision([1], [false]) == nil && precision([], []) == nil)
  }
}
