import Datasets
import Foundation
import Media
import Models
import Narration
import Networks
import Tensors
import TestSupport
import Testing
import Training

/// A data set of eight made-up pictures and an encoder with random weights.
final class Laboratory {
  let folder: URL
  let encoder: SafetensorsFile
  var settings = CaptionSettings()

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("narrate-\(UUID().uuidString)")
    let images = folder.appendingPathComponent("data/images")
    try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
    var random = RandomGenerator(seed: 31)
    var table = "image\tsplit\tcaption\n"
    for number in 0..<8 {
      let color = (0..<3).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let image = Image(width: 40, height: 30, pixels: (0..<1200).flatMap { _ in color })
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
    settings.encoder.architecture = .lite1
    settings.encoder.inputSize = 64
    settings.vocabulary.minimumCount = 1
    settings.decoder.embedding = 16
    settings.decoder.hidden = 24
    settings.decoder.attention = 12
    settings.decoder.projection = 16
    settings.optimization.imagesPerBatch = 2
    settings.optimization.captionsPerImage = 2
    settings.optimization.warmupSteps = 2
    settings.optimization.epochs = 3
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func output(_ name: String) -> URL { folder.appendingPathComponent(name) }

  @discardableResult
  func train(
    _ name: String, on sets: [String] = ["data"], from base: String? = nil, encoder: SafetensorsFile? = nil,
    threads: Int = 1,
    resuming: Bool = false, processes: ProcessGroup = .alone,
    report: @escaping (TrainingEvent) throws -> Void = { _ in }
  ) throws -> URL {
    let arguments = try sets.map {
      try #require(TrainingData.Argument(folder.appendingPathComponent($0).path))
    }
    let trainer = try CaptionTrainer(
      data: TrainingData(arguments), settings: settings, encoder: encoder ?? self.encoder,
      base: base.map { try CaptionModel(contentsOf: output($0)) }, output: output(name),
      cache: folder.appendingPathComponent("cache"), threads: threads, resuming: resuming,
      processes: processes, report: report)
    try trainer.run()
    return output(name)
  }

  /// Writes a data set of pictures in one of three colors each, which their captions name.
  func addMany(training: Int, validation: Int) throws {
    let images = folder.appendingPathComponent("many/images")
    try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
    var table = "image\tsplit\tcaption\n"
    for number in 0..<training + validation {
      let color = number % 3
      let shade = UInt8(100 + number % 100)
      let pixel = (0..<3).map { $0 == color ? 255 - shade / 4 : shade / 4 }
      let image = Image(width: 40, height: 30, pixels: (0..<1200).flatMap { _ in pixel })
      try Data(image.pngData()).write(to: images.appendingPathComponent("\(number).png"))
      let name = ["red", "green", "blue"][color]
      for words in ["a picture in \(name)", "a \(name) picture"] {
        table += "\(number).png\t\(number < training ? "train" : "val")\t\(words)\n"
      }
    }
    try Data(table.utf8).write(to: folder.appendingPathComponent("many/captions.tsv"))
  }

  func task(
    _ model: URL, _ data: [String], threads: Int = 2, report: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws -> CalibrationTask {
    try CalibrationTask(
      model: model, data: data.map { try CaptionDataset(at: output($0)) }, threads: threads, report: report)
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
    var (table, frames) = ("clip\tsplit\tcaption\n", "clip\tframe\tfile\n")
    for name in ["videos/clips", "frames/png"] {
      try FileManager.default.createDirectory(at: output(name), withIntermediateDirectories: true)
    }
    for clip in 0..<6 {
      table += "\(clip).y4m\t\(clip < 4 ? "train" : "val")\ta clip of number \(clip)\n"
      var raw = RawVideo(width: 40, height: 30, rate: 5)
      for frame in 0..<8 {
        raw.append { row, column in UInt8(16 + (clip * 31 + frame * 23 + row * column / 9) % 200) }
      }
      let file = output("videos/clips/\(clip).y4m")
      try Data(raw.bytes).write(to: file)
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

struct Stop: Error {}
