import ArgumentParser
import Compute
import Datasets
import Files
import Foundation
import Models
import Narration
import Networks
import Training

/// `narrate train encoder`.
struct TrainEncoderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encoder",
    abstract: "Train an encoder to find what captions name.",
    discussion: """
      The encoder's last blocks, and a detector on its features, learn which things and words the captions of a picture \
      name: many pictures with a caption each do for that. The output folder holds encoder.safetensors, for the --encoder \
      of narrate train caption, with metrics.jsonl, metrics.svg and what --resume needs. Data is as for narrate train \
      caption; pictures are changed at random each time.
      """)

  @Option(
    help: ArgumentHelp(
      "A data folder, with an optional weight: DIR=0.5. May be given several times.", valueName: "dir"),
    completion: .directory)
  var data: [String] = []

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The folder to write.", valueName: "dir"),
    completion: .directory)
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Weights of the encoder: a safetensors file. Default: those of the captioning model that is found.",
      valueName: "file"), completion: .file())
  var encoder: String?

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
    guard !printConfig else { return }
    guard output != nil else {
      throw ValidationError("--output is missing: which folder shall the encoder be written to?")
    }
    guard !data.isEmpty else { throw ValidationError("Nothing to train on: name --data.") }
    for argument in data where TrainingData.Argument(argument) == nil {
      throw ValidationError(
        "--data takes a folder, or a folder and a weight above 0, at most 1000 (DIR=0.5), not \(argument).")
    }
  }

  func run() throws {
    try running.train { console, processes in try train(console, processes) }
  }

  private func train(_ console: Console, _ processes: ProcessGroup) throws -> RunStatus {
    let settings =
      try config.map { try EncoderSettings(contentsOf: URL(fileURLWithPath: $0)) } ?? EncoderSettings()
    guard !printConfig, let output else {
      try ResultOutput(path: nil).write(Array(settings.printed.utf8))
      return .success
    }
    let weights =
      try encoder
      ?? ModelLibrary.usual(kind: .caption).appendingPathComponent(ModelFolder.weightsName).path
    let folder = URL(fileURLWithPath: output, isDirectory: true)
    var outputs = Outputs()
    outputs.add(Outputs.ofTraining, in: folder, "--output")
    try outputs.check(reading: [weights, config].compactMap { $0 }.map { GivenPath($0) })
    let report = TrainingReport(console, counting: "pictures")
    let trainer = try EncoderTrainer(
      data: try TrainingData(data.compactMap(TrainingData.Argument.init)), settings: settings,
      encoder: try SafetensorsFile(path: weights),
      output: folder, threads: running.threads ?? availableCores(),
      resuming: resume, processes: processes
    ) { event in
      try Interruption.check()
      report.show(event)
    }
    try trainer.run()
    return .success
  }
}
