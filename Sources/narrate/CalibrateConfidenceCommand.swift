import ArgumentParser
import Files
import Foundation
import Narration
import Training

/// `narrate calibrate confidence`.
struct CalibrateConfidenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confidence",
    abstract: "Let a captioning model's confidence be the probability that a caption is right.",
    discussion: """
      Captions the pictures of the split val, each data set's in the style of its name if the model has it, and pictures drawn \
      by rule, for which no caption is right; fits what the decoder, the encoder and the classifier say of them to the \
      captions' CIDEr-D; and writes confidence.json and confidence.safetensors into the model's folder. A caption is right if \
      its CIDEr-D is at least --level times people's own. Prints what it found by cross-validation in five parts, the drawn \
      pictures parted by their kinds.
      """)

  @Option(
    help: ArgumentHelp("A data folder; may be given several times.", valueName: "dir"), completion: .directory
  )
  var data: [String]

  @Option(help: ArgumentHelp("Drawn pictures of each kind, 0 to 1000.", valueName: "n"))
  var drawn = 30

  @Option(
    help: ArgumentHelp(
      "Share of people's CIDEr-D from which on a caption is right, 0.05 to 2.", valueName: "share"))
  var level = 0.5

  @Option(help: ArgumentHelp("Beam width, 2 to 64.", valueName: "n"))
  var beam = 3

  @Option(
    help: ArgumentHelp("The reliability of the confidence as a picture, .svg.", valueName: "file"),
    completion: .file(extensions: ["svg"]))
  var plot: String?

  @OptionGroup var model: ModelOptions
  @OptionGroup var numbers: PrecisionOptions
  @OptionGroup var running: RunOptions

  func validate() throws {
    try check(drawn, in: 0...1000, "--drawn")
    try check(beam, in: 2...64, "--beam")
    if let plot, !plot.lowercased().hasSuffix(".svg") {
      throw ValidationError("--plot takes a file whose name ends in .svg, not \(plot).")
    }
    guard 0.05...2 ~= level else { throw ValidationError("--level takes 0.05 to 2.") }
  }

  func run() throws {
    Interruption.install()
    let console = Console(running.progress)
    ConsoleLog.start(console, isVerbose: running.verbose)
    try RunStatus.exit(reportingTo: console) {
      let report = TrainingReport(console)
      let calibration = try ConfidenceCalibration(
        model: model.folder(kind: "caption"), data: data.map { URL(fileURLWithPath: $0, isDirectory: true) },
        precision: numbers.precision, threads: running.threads ?? availableCores()
      ) { event in
        try Interruption.check()
        report.show(event)
      }
      let found = try calibration.run(drawn: drawn, level: level, beamWidth: beam)
      console.finish()
      if let plot {
        let title = try model.folder(kind: "caption").lastPathComponent
        try WholeFile.write(ReliabilityPlot(found.bins, title: title).svg.utf8, to: plot)
      }
      try ResultOutput(path: nil).write(Array(found.text.utf8))
      return .success
    }
  }
}
