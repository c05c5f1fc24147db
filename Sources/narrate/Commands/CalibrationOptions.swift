import ArgumentParser
import Compute
import Datasets
import Foundation
import Models
import Narration
import Reports
import Training

/// What every calibrating command is told.
struct CalibrationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A data folder, as train caption takes them. May be given several times.", valueName: "dir"),
    completion: .directory)
  var data: [String]

  @OptionGroup var model: ModelOptions
  @OptionGroup var running: RunOptions

  func validate() throws {
    guard !data.contains("") else { throw ValidationError("Name at least one --data folder.") }
  }
}

/// A command that fits something of a captioning model beside its weights, and prints what it found.
protocol CalibratingCommand: ParsableCommand {
  var shared: CalibrationOptions { get }
  func calibrate(_ task: CalibrationTask) throws -> String
  /// That nothing is written over which is read.
  func checkOutputs() throws
}

extension CalibratingCommand {
  func checkOutputs() throws {}

  func run() throws {
    Interruption.install()
    let console = Console(shared.running.progress)
    ConsoleLog.start(console, isVerbose: shared.running.verbose)
    try RunStatus.exit(reportingTo: console) {
      try checkOutputs()
      let report = TrainingReport(console)
      let text = try calibrate(
        CalibrationTask(
          model: shared.model.folder(kind: .caption),
          data: shared.data.map { try CaptionDataset(at: URL(fileURLWithPath: $0, isDirectory: true)) },
          threads: shared.running.threads ?? availableCores()
        ) { event in
          try Interruption.check()
          report.show(event)
        })
      console.finish()
      try ResultOutput(path: nil).write(Array(text.utf8))
      return .success
    }
  }
}
