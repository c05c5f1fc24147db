import ArgumentParser
import Compute
import Datasets
import Files
import Foundation
import Models
import Narration
import Networks
import Reports
import Training

/// `narrate train caption`.
struct TrainCaptionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "caption",
    abstract: "Train a captioner.",
    discussion: """
      Data is a folder with captions.tsv (columns image, split, caption; splits train and val) and its pictures in \
      images/, or with captions.tsv (clip, split, caption) and frames.tsv (clip, frame, file) or videos in clips/, or \
      COCO captions, or a Karpathy split. Several are trained on together, each in a style of its own; the model writes \
      in the first's. Training has up to three stages, as the settings say: the decoder learns with the encoder as it \
      is, whose features are computed once and kept in --cache; the encoder's last blocks learn with it; the decoder \
      learns from the scores of captions that it draws itself. The last two read the pictures anew each time and change \
      them at random (the third unless selfCritical.augmentation is false, which stores features again); the third's \
      model stands between the decoder that it began with and what that has become. The output folder becomes a model \
      folder, with metrics.jsonl, metrics.svg and what --resume needs beside the model.
      """)

  @Option(
    help: ArgumentHelp(
      "A data folder, with an optional weight: DIR=0.5. May be given several times.", valueName: "dir"),
    completion: .directory)
  var data: [String] = []

  @Option(help: ArgumentHelp("COCO captions to train on.", valueName: "file"), completion: .file())
  var coco: String?

  @Option(help: ArgumentHelp("COCO captions to validate on.", valueName: "file"), completion: .file())
  var cocoVal: String?

  @Option(help: ArgumentHelp("A Karpathy split (dataset_*.json).", valueName: "file"), completion: .file())
  var karpathy: String?

  @Option(
    help: ArgumentHelp("The folder of the pictures of --coco or --karpathy.", valueName: "dir"),
    completion: .directory)
  var images: String?

  @Option(
    name: [.long, .short], help: ArgumentHelp("The model folder to write.", valueName: "dir"),
    completion: .directory)
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Weights of the encoder: a safetensors file. Default: those of --from, or of the captioning model that is found.",
      valueName: "file"), completion: .file())
  var encoder: String?

  @Option(
    help: ArgumentHelp(
      "A captioning model to go on from: its decoder, what it knows of the words in the data and, unless --encoder is given, its encoder.",
      valueName: "dir"), completion: .directory)
  var from: String?

  @Option(
    help: ArgumentHelp(
      "Where the encoder's features are kept. Default: cache in the output folder.", valueName: "dir"),
    completion: .directory)
  var cache: String?

  @Option(
    help: ArgumentHelp("Settings, JSON; what is not in it keeps its default.", valueName: "file"),
    completion: .file())
  var config: String?

  @Flag(help: "Print all settings with their values, and do nothing else.")
  var printConfig = false

  @Flag(help: "Go on from the output folder's checkpoint, if there is one.")
  var resume = false

  @Flag(help: "Then fit tags, reranker, precision and confidence to the model, as narrate calibrate does.")
  var calibrate = false

  @OptionGroup var running: RunOptions

  func validate() throws {
    guard !printConfig else { return }
    guard output != nil else {
      throw ValidationError("--output is missing: which folder shall the model be written to?")
    }
    guard !data.isEmpty || coco != nil || karpathy != nil else {
      throw ValidationError("Nothing to train on: name --data, --coco or --karpathy.")
    }
    for argument in data where TrainingData.Argument(argument) == nil {
      throw ValidationError(
        "--data takes a folder, or a folder and a weight above 0, at most 1000 (DIR=0.5), not \(argument).")
    }
    if coco != nil || karpathy != nil, images == nil {
      throw ValidationError("--coco and --karpathy need --images.")
    }
    if coco != nil, cocoVal == nil, data.isEmpty, karpathy == nil {
      throw ValidationError("--coco needs --coco-val: the format does not say what to validate on.")
    }
  }

  func run() throws {
    try running.train { console, processes in try train(console, processes) }
  }

  private func train(_ console: Console, _ processes: ProcessGroup) throws -> RunStatus {
    let settings =
      try config.map { try CaptionSettings(contentsOf: URL(fileURLWithPath: $0)) }
      ?? CaptionSettings()
    guard !printConfig, let output else {
      try ResultOutput(path: nil).write(Array(settings.printed.utf8))
      return .success
    }
    let folder = URL(fileURLWithPath: output, isDirectory: true)
    let base = try from.map { try CaptionModel(contentsOf: URL(fileURLWithPath: $0, isDirectory: true)) }
    let weights =
      try encoder ?? base?.weights.path
      ?? ModelLibrary.usual(kind: .caption).appendingPathComponent(ModelFolder.weightsName).path
    var outputs = Outputs()
    outputs.add(Outputs.ofTraining, in: folder, "--output")
    try outputs.check(
      reading: [base?.weights.path, weights, config, coco, cocoVal, karpathy].compactMap { $0 }.map {
        GivenPath($0)
      }, models: from.map { [URL(fileURLWithPath: $0, isDirectory: true)] } ?? [])
    let report = TrainingReport(console)
    report.warn(of: settings.optimization.precision)
    let (sets, encoder) = (try dataSets(), try SafetensorsFile(path: weights))
    let threads = running.threads ?? availableCores()
    func show(_ event: TrainingEvent) throws {
      try Interruption.check()
      report.show(event)
    }
    let trainer = try CaptionTrainer(
      data: TrainingData(sets), settings: settings, encoder: encoder, base: base, output: folder,
      cache: cache.map { URL(fileURLWithPath: $0, isDirectory: true) }
        ?? folder.appendingPathComponent("cache"),
      threads: threads, resuming: resume, processes: processes, report: show)
    try trainer.run()
    if calibrate, processes.isLeader {
      try CalibrationTask.runAll(
        model: folder, encoder: encoder, data: sets.map(\.dataset), threads: threads, report: show
      ) { name, text in
        report.say("\n\(name)\n" + text.trimmingCharacters(in: .newlines))
      }
    }
    return .success
  }

  private func dataSets() throws -> [(dataset: CaptionDataset, weight: Double)] {
    let pictures = URL(fileURLWithPath: images ?? ".", isDirectory: true)
    var sets = try data.compactMap(TrainingData.Argument.init).map {
      (try CaptionDataset(at: URL(fileURLWithPath: $0.path)), $0.weight)
    }
    if let karpathy {
      sets.append((try CaptionDataset(karpathy: URL(fileURLWithPath: karpathy), images: pictures), 1))
    }
    if let coco {
      var set = try CaptionDataset(coco: URL(fileURLWithPath: coco), images: pictures, split: "train")
      if let cocoVal {
        set = try set.joined(
          CaptionDataset(coco: URL(fileURLWithPath: cocoVal), images: pictures, split: "val"))
      }
      sets.append((set, 1))
    }
    return sets
  }
}
