import ArgumentParser
import Foundation
import Narration
import Training

/// `narrate calibrate`.
struct CalibrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Let a captioning model's encoder calculate in fewer bits.",
    discussion: """
      Measures the ranges of its layers on pictures of the split train, and the CIDEr-D of captions of the split val in each \
      precision that this CPU has, and writes precision.json into the model's folder. Until then --precision auto is f32.
      """)

  @Option(help: ArgumentHelp("A data folder.", valueName: "dir"), completion: .directory)
  var data: String

  @Option(help: ArgumentHelp("Pictures to measure ranges on, 1 to 100000.", valueName: "n"))
  var pictures = 200

  @Option(help: ArgumentHelp("Beam width, 1 to 64; 1 is greedy.", valueName: "n"))
  var beam = 3

  @Option(
    help: ArgumentHelp(
      "Whose way of writing to follow, where the model has learned several. Default: its first.",
      valueName: "name"))
  var style: String?

  @OptionGroup var model: ModelOptions
  @OptionGroup var running: RunOptions

  func validate() throws {
    try check(pictures, in: 1...100_000, "--pictures")
    try check(beam, in: 1...64, "--beam")
  }

  func run() throws {
    Interruption.install()
    let console = Console(running.progress)
    ConsoleLog.start(console, isVerbose: running.verbose)
    try RunStatus.exit(reportingTo: console) {
      let report = TrainingReport(console)
      let calibration = try PrecisionCalibration(
        model: model.folder(kind: "caption"), data: URL(fileURLWithPath: data, isDirectory: true),
        threads: running.threads ?? availableCores()
      ) { event in
        try Interruption.check()
        report.show(event)
      }
      var options = CaptionOptions()
      (options.beamWidth, options.style) = (beam, style)
      let file = try calibration.run(pictures: pictures, options: options)
      console.finish()
      let lines = Precision.allCases.compactMap { precision in
        file.cider[precision].map { String(format: "%@  CIDEr-D %.4f\n", precision.rawValue, $0) }
      }
      try ResultOutput(path: nil).write(Array(lines.joined().utf8))
      return .success
    }
  }
}
