import Files
import Foundation
import Media
import Narration
import Networks
import Tensors
import Testing
import Training

/// A data set of eight made-up pictures and an encoder with random weights.
private final class Laboratory {
  let folder: URL
  let encoder: SafetensorsFile
  var configuration = TrainingConfiguration()

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("narrate-\(UUID().uuidString)")
    let images = folder.appendingPathComponent("data/images")
    try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
    var random = RandomGenerator(seed: 31)
    var table = "image\tsplit\tcaption\n"
    for number in 0..<8 {
      let colour = (0..<3).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let image = Image(width: 40, height: 30, pixels: (0..<1200).flatMap { _ in colour })
      try Data(image.pngData()).write(to: images.appendingPathComponent("\(number).png"))
      for words in ["a picture of number \(number)", "this is the \(number) picture"] {
        table += "\(number).png\t\(number < 6 ? "train" : "val")\t\(words)\n"
      }
    }
    try Data(table.utf8).write(to: folder.appendingPathComponent("data/captions.tsv"))
    let network = EfficientNetLite(.lite1, inputSize: 64)
    var weights = Optional(RandomGenerator(seed: 32))
    var writer = SafetensorsWriter()
    for layer in network.layers {
      let deviation = (2 / Float(layer.weightShape.dropFirst().reduce(1, *))).squareRoot()
      writer.add(
        "encoder.\(layer.name).weight", Tensor(shape: layer.weightShape, normal: deviation, using: &weights),
        half: true)
      writer.add("encoder.\(layer.name).bias", Tensor(shape: [layer.weightShape[0]]), half: true)
    }
    let path = folder.appendingPathComponent("encoder.safetensors").path
    try writer.write(to: path)
    encoder = try SafetensorsFile(path: path)
    configuration.encoder.architecture = "efficientnet-lite1"
    configuration.encoder.inputSize = 64
    configuration.vocabulary.minimumCount = 1
    configuration.decoder.embedding = 16
    configuration.decoder.hidden = 24
    configuration.decoder.attention = 12
    configuration.decoder.projection = 16
    configuration.optimisation.imagesPerBatch = 2
    configuration.optimisation.captionsPerImage = 2
    configuration.optimisation.warmupSteps = 2
    configuration.optimisation.epochs = 3
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func output(_ name: String) -> URL { folder.appendingPathComponent(name) }

  @discardableResult
  func train(
    _ name: String, on sets: [String] = ["data"], threads: Int = 1, resuming: Bool = false,
    report: @escaping (TrainingEvent) throws -> Void = { _ in }
  ) throws -> URL {
    let arguments = try sets.map {
      try #require(TrainingData.Argument(folder.appendingPathComponent($0).path))
    }
    let trainer = try CaptionTrainer(
      data: TrainingData(arguments), configuration: configuration, encoder: encoder, output: output(name),
      cache: folder.appendingPathComponent("cache"), threads: threads, resuming: resuming, report: report)
    try trainer.run()
    return output(name)
  }

  /// Writes a second data set: clips of one to three frames, which are pictures of the first.
  func addClips() throws {
    var (table, frames) = ("clip\tsplit\tcaption\n", "clip\tframe\tfile\n")
    for clip in 0..<6 {
      for frame in 0...clip % 3 { frames += "clip\(clip)\t\(frame)\t../data/images/\(clip + frame).png\n" }
      table += "clip\(clip)\t\(clip < 4 ? "train" : "val")\ta clip of number \(clip)\n"
    }
    let clips = folder.appendingPathComponent("clips")
    try FileManager.default.createDirectory(at: clips, withIntermediateDirectories: true)
    try Data(table.utf8).write(to: clips.appendingPathComponent("captions.tsv"))
    try Data(frames.utf8).write(to: clips.appendingPathComponent("frames.tsv"))
  }

  /// Writes a data set of six clips of eight gray frames twice: as videos, and as the frames in the middles of their quarters.
  func addVideos() throws {
    let (width, height) = (40, 30)
    var (table, frames) = ("clip\tsplit\tcaption\n", "clip\tframe\tfile\n")
    for name in ["videos/clips", "frames/png"] {
      try FileManager.default.createDirectory(at: output(name), withIntermediateDirectories: true)
    }
    for clip in 0..<6 {
      table += "\(clip).y4m\t\(clip < 4 ? "train" : "val")\ta clip of number \(clip)\n"
      var bytes = Data("YUV4MPEG2 W\(width) H\(height) F5:1 C420jpeg\n".utf8)
      for frame in 0..<8 {
        bytes += Data("FRAME\n".utf8)
        for row in 0..<height {
          bytes += Data((0..<width).map { UInt8(16 + (clip * 31 + frame * 23 + row * $0 / 9) % 200) })
        }
        bytes += Data(repeating: 128, count: width * height / 2)
      }
      let file = output("videos/clips/\(clip).y4m")
      try bytes.write(to: file)
      let video = try VideoFile(contentsOf: file.path)
      for frame in 0..<8 {
        _ = try #require(try video.advance())
        guard frame % 2 == 1 else { continue }
        try Data(video.image().pngData()).write(to: output("frames/png/\(clip)-\(frame).png"))
        frames += "\(clip).y4m\t\(frame)\tpng/\(clip)-\(frame).png\n"
      }
    }
    for name in ["videos", "frames"] {
      try Data(table.utf8).write(to: output("\(name)/captions.tsv"))
    }
    try Data(frames.utf8).write(to: output("frames/frames.tsv"))
  }

  /// Every tensor of a checkpoint: weights, optimizer's state, average.
  func state(_ name: String) throws -> [Tensor] {
    let file = try SafetensorsFile(path: output(name).appendingPathComponent("checkpoint.safetensors").path)
    return try file.names.map { try file.tensor($0) }
  }
}

private struct Stop: Error {}

@Suite struct CaptionTrainerTests {
  @Test func aRunLeavesAModelThatCaptions() throws {
    let laboratory = try Laboratory()
    let folder = try laboratory.train("run")
    let captioner = try Captioner(model: folder)
    let picture = laboratory.folder.appendingPathComponent("data/images/1.png").path
    #expect(!(try captioner.caption(Picture(contentsOf: picture).image)).isEmpty)
    let log = try MetricsLog(folder.appendingPathComponent("metrics.jsonl").path).entries()
    #expect(log.map(\.epoch) == [1, 2, 3])
    #expect(log.map(\.steps) == [3, 6, 9])
    #expect(log.allSatisfy { $0.trainingLoss.isFinite && $0.validationLoss != nil && $0.cider != nil })
    #expect(log[2].trainingLoss < log[0].trainingLoss)
    let plot = try String(contentsOf: folder.appendingPathComponent("metrics.svg"), encoding: .utf8)
    #expect(plot.contains("<svg"))
  }

  @Test(.enabled(if: Precision.int8.isSupported)) func calibrationLetsTheEncoderCalculateInBytes() throws {
    let laboratory = try Laboratory()
    let folder = try laboratory.train("run")
    #expect(try Captioner(model: folder).precision == .f32)
    var events = 0
    let calibration = try PrecisionCalibration(
      model: folder, data: laboratory.output("data"), threads: 2
    ) { _ in events += 1 }
    let file = try calibration.run(pictures: 4, options: CaptionOptions())
    #expect(events >= 6)
    #expect(file.cider[.f32] != nil && file.cider[.int8] != nil && file.cider[.auto] == nil)
    #expect(try Captioner(model: folder, precision: .int8).precision == .int8)
  }

  @Test func picturesAndClipsAreLearnedTogether() throws {
    let laboratory = try Laboratory()
    try laboratory.addClips()
    let folder = try laboratory.train("run", on: ["data", "clips"], threads: 2)
    let model = try CaptionModel(contentsOf: folder)
    #expect(model.configuration.styles == ["data", "clips"])
    let decoder = try model.decoder()
    #expect(decoder.style.shape == [2, 16] && decoder.place.shape == [4, 16])
    let log = try MetricsLog(folder.appendingPathComponent("metrics.jsonl").path).entries()
    for entry in log {
      let scores = try #require(entry.ciderBySource)
      #expect(scores.keys.sorted() == ["clips", "data"])
      #expect(abs(scores.values.reduce(0, +) / 2 - (try #require(entry.cider))) < 1e-9)
    }
    #expect(log[2].trainingLoss < log[0].trainingLoss)
    _ = try Captioner(model: folder)
  }

  @Test func aVideoIsLearnedByTheFramesInTheMiddlesOfItsParts() throws {
    let laboratory = try Laboratory()
    try laboratory.addVideos()
    try laboratory.train("from videos", on: ["videos"], threads: 2)
    try laboratory.train("from frames", on: ["frames"])
    #expect(try laboratory.state("from videos") == laboratory.state("from frames"))
    let model = try CaptionModel(contentsOf: laboratory.output("from videos"))
    #expect(try model.decoder().place.shape == [4, 16])
  }

  /// A folder is in the way of the last store: those that were to be filled before it are not left behind.
  @Test func featuresAreMadeForAllOrNone() throws {
    let laboratory = try Laboratory()
    laboratory.configuration.optimisation.epochs = 1
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
    laboratory.configuration.optimisation.epochs = 1
    try laboratory.train("run")
    laboratory.configuration.optimisation.learningRate = 5e-4
    #expect { try laboratory.train("run", resuming: true) } throws: {
      "\($0)".contains("other data or settings")
    }
    laboratory.configuration.optimisation.learningRate = 1e-3
    laboratory.configuration.optimisation.epochs = 2  // how long to train may change
    try laboratory.train("run", resuming: true)
  }

  @Test func aCheckpointOfOtherDataIsRefused() throws {
    let laboratory = try Laboratory()
    laboratory.configuration.optimisation.epochs = 1
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
    laboratory.configuration.optimisation.epochs = 1
    let file = try laboratory.train("run").appendingPathComponent("checkpoint.safetensors")
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: file)
    #expect(throws: SafetensorsError.self) { try laboratory.train("run", resuming: true) }
  }

  @Test func trainingStopsWhenNothingImproves() throws {
    let laboratory = try Laboratory()
    laboratory.configuration.optimisation.learningRate = 1e-12
    laboratory.configuration.optimisation.epochs = 50
    laboratory.configuration.optimisation.patience = 2
    let folder = try laboratory.train("run")
    #expect(try MetricsLog(folder.appendingPathComponent("metrics.jsonl").path).entries().count == 3)
  }
}
