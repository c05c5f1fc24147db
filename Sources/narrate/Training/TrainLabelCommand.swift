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

/// The encoders that a labeller may stand on, as the command line names them.
enum ActionEncoderName: String, CaseIterable, ExpressibleByArgument {
  case i3d, efficientnet

  /// `given` if it is of this kind already.
  func settings(_ given: ActionSettings.Encoder) -> ActionSettings.Encoder {
    guard given.architecture.rawValue.hasPrefix(rawValue) == false else { return given }
    var encoder = ActionSettings.Encoder()
    if self == .efficientnet { encoder.architecture = .lite2 }
    return encoder
  }
}

/// `narrate train label`.
struct TrainLabelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "label",
    abstract: "Train a labeller of clips.",
    discussion: """
      Data is a folder with labels.tsv (columns clip, split, label; splits train and val) and the clips that it names. A \
      few clips of each label will do. The encoder, which sees movement (i3d) or single pictures (efficientnet), stays as \
      it is; its features are computed once and kept in --cache. The output folder becomes a model \
      folder, with metrics.jsonl, metrics.svg, confusion.json, confusion.svg and the checkpoint beside the model.
      """)

  @Option(help: ArgumentHelp("A data folder.", valueName: "dir"), completion: .directory)
  var data: [String] = []

  @Option(
    name: [.long, .short], help: ArgumentHelp("The model folder to write.", valueName: "dir"),
    completion: .directory)
  var output: String?

  @Option(
    help: ArgumentHelp(
      "i3d or efficientnet. Default: as the settings say, or i3d.", valueName: "name"))
  var encoder: ActionEncoderName?

  @Option(
    help: ArgumentHelp(
      "Weights of the encoder: a safetensors file. Default: those of the first model found that has this encoder.",
      valueName: "file"), completion: .file())
  var encoderWeights: String?

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

  @OptionGroup var running: RunOptions

  func validate() throws {
    guard printConfig || (!data.isEmpty && output != nil) else {
      throw ValidationError("Name --data, a folder to learn from, and --output, the model folder to write.")
    }
    guard data.count <= 1 else { throw ValidationError("--data takes one folder here.") }
  }

  func run() throws {
    try running.train { console, processes in
      guard processes.count == 1 else {
        throw ValidationError(
          "train label runs in one process: its network is small, and learns within minutes.")
      }
      return try train(console)
    }
  }

  private func train(_ console: Console) throws -> RunStatus {
    var settings =
      try config.map { try ActionSettings(contentsOf: URL(fileURLWithPath: $0)) } ?? ActionSettings()
    if let encoder { settings.encoder = encoder.settings(settings.encoder) }
    guard !printConfig, let data = data.first, let output else {
      try ResultOutput(path: nil).write(Array(settings.printed.utf8))
      return .success
    }
    let folder = URL(fileURLWithPath: output, isDirectory: true)
    let isInflated = settings.actionEncoder == .i3d
    let weights =
      try encoderWeights
      ?? ModelLibrary().first(
        kind: isInflated ? .label : .caption, encoder: settings.encoder.architecture.rawValue
      ).appendingPathComponent(ModelFolder.weightsName).path
    var outputs = Outputs()
    outputs.add(Outputs.ofTraining, in: folder, "--output")
    try outputs.check(reading: [weights, config].compactMap { $0 }.map { GivenPath($0) })
    let report = TrainingReport(console, counting: "clips")
    let trainer = try ActionTrainer(
      data: ActionDataset(at: URL(fileURLWithPath: data, isDirectory: true)), settings: settings,
      encoder: SafetensorsFile(path: weights), output: folder,
      cache: cache.map { URL(fileURLWithPath: $0, isDirectory: true) }
        ?? folder.appendingPathComponent("cache"),
      threads: running.threads ?? availableCores(), resuming: resume
    ) { event in
      try Interruption.check()
      report.show(event)
    }
    try trainer.run()
    return .success
  }
}
