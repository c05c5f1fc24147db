import ArgumentParser
import Foundation
import Narration
import Training

/// `narrate calibrate precision`.
struct CalibrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "precision",
    abstract: "Let a captioning model's encoder calculate in fewer bits.",
    discussion: """
      Measures the ranges of its layers on pictures of the split train, and the CIDEr-D of captions of the split val in each \
      precision that this CPU has, and writes precision.json into the model's folder. Until then --precision auto is f32, \
      afterwards the fastest that costs at most 0.005, in the mean over the data folders.
      """)

  @Option(
    help: ArgumentHelp(
      "A data folder, as train caption takes them. May be given several times.", valueName: "dir"),
    completion: .directory)
  var data: [String] = []

  @Option(
    help: ArgumentHelp(
      "Pictures and clips to measure ranges on, as many of each data folder, 1 to 100000.", valueName: "n"))
  var pictures = 200

  @Option(help: ArgumentHelp("Beam width, 1 to 64; 1 is greedy.", valueName: "n"))
  var beam = 3

  @Option(
    help: ArgumentHelp(
      "Whose way of writing to follow, where the model has learned several. Default: each data folder's own, by its name, or "
        + "else the model's first.",
      valueName: "name"))
  var style: String?

  @OptionGroup var model: ModelOptions
  @OptionGroup var running: RunOptions

  func validate() throws {
    guard !data.isEmpty, !data.contains("") else { throw ValidationError("Name at least one --data folder.") }
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
        model: model.folder(kind: "caption"), data: data.map { URL(fileURLWithPath: $0, isDirectory: true) },
        threads: running.threads ?? availableCores()
      ) { event in
        try Interruption.check()
        report.show(event)
      }
      var options = CaptionOptions()
      (options.beamWidth, options.style) = (beam, style)
      let file = try calibration.run(pictures: pictures, options: options)
      console.finish()
      try ResultOutput(path: nil).write(Array(Self.table(file).utf8))
      return .success
    }
  }

  /// A line a precision: the mean, and each data set's where there are several.
  private static func table(_ file: PrecisionFile) -> String {
    let sources = (file.ciderBySource ?? [:]).sorted { $0.key < $1.key }
    return Precision.allCases.compactMap { precision in
      file.cider[precision].map { mean in
        var line = String(format: "%@  CIDEr-D %.4f", precision.rawValue, mean)
        for (name, scores) in sources where sources.count > 1 {
          line += String(format: "  %@ %.4f", name, scores[precision] ?? 0)
        }
        return line + "\n"
      }
    }.joined()
  }
}
