import ArgumentParser
import Compute
import Files
import Foundation
import Models
import Narration
import Networks
import Reports
import Training

/// `narrate train shots`.
struct TrainShotsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shots",
    abstract: "Train a finder of shots.",
    discussion: """
      Data is a folder with labels.tsv (columns clip, split, label; splits train and val) and the clips that it names. \
      Cuts, dissolves, fades and wipes between them are made as training goes on, and what looks like them and is none. The \
      output folder becomes a model folder, with metrics.jsonl, metrics.svg and the checkpoint beside the model.
      """)

  @Option(help: ArgumentHelp("A data folder.", valueName: "dir"), completion: .directory)
  var data: [String] = []

  @Option(
    name: [.long, .short], help: ArgumentHelp("The model folder to write.", valueName: "dir"),
    completion: .directory)
  var output: String?

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
    try running.train { console, processes in try train(console, processes) }
  }

  private func train(_ console: Console, _ processes: ProcessGroup) throws -> RunStatus {
    let settings =
      try config.map { try ShotSettings(contentsOf: URL(fileURLWithPath: $0)) } ?? ShotSettings()
    guard !printConfig, let data = data.first, let output else {
      try ResultOutput(path: nil).write(Array(settings.printed.utf8))
      return .success
    }
    let folder = URL(fileURLWithPath: output, isDirectory: true)
    var outputs = Outputs()
    outputs.add(Outputs.ofTraining, in: folder, "--output")
    try outputs.check(reading: config.map { [GivenPath($0)] } ?? [])
    let report = TrainingReport(console, counting: "frames")
    func show(_ event: TrainingEvent) throws {
      try Interruption.check()
      report.show(event)
    }
    let threads = running.threads ?? availableCores()
    let trainer = try ShotTrainer(
      data: ShotData(at: URL(fileURLWithPath: data, isDirectory: true), threads: threads, report: show),
      settings: settings, output: folder, threads: threads, resuming: resume,
      processes: processes, report: show)
    try trainer.run()
    return .success
  }
}
