import ArgumentParser
import Foundation
import Narration
import Training

/// `narrate calibrate reranker`.
struct CalibrateRerankerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reranker",
    abstract: "Let a captioning model choose among its captions by what people say of similar pictures.",
    discussion: """
      Learns from the pictures and captions of the split train which words people would use of a picture (radial basis \
      functions of its mean features), finds on the split val how much that is to count in the choice among a beam's captions, \
      and writes reranker.safetensors into the model's folder. A wider beam has more to choose from. Prints CIDEr-D by the \
      weight of the expected similarity. Make confidence.json anew afterwards.
      """)

  @Option(
    help: ArgumentHelp(
      "A data folder, as train caption takes them. May be given several times.", valueName: "dir"),
    completion: .directory)
  var data: [String]

  @Option(
    help: ArgumentHelp("Most pictures and clips of each data folder, 2 to 1000000.", valueName: "n"))
  var pictures = 20_000

  @Option(
    help: ArgumentHelp(
      "Pictures that others are compared with, drawn from all, 1 to 10000.", valueName: "n"))
  var landmarks = WordExpectation.Fit().landmarks

  @Option(
    help: ArgumentHelp(
      "Words in the captions of fewer pictures are not expected, 1 to 1000000.", valueName: "n"))
  var leastPictures = WordExpectation.Fit().leastPictures

  @Option(
    help: ArgumentHelp(
      "Beam width that the weight is chosen for, 2 to 64; a wide one tells weights apart.", valueName: "n"))
  var beam = 10

  @OptionGroup var model: ModelOptions
  @OptionGroup var numbers: PrecisionOptions
  @OptionGroup var running: RunOptions

  func validate() throws {
    guard !data.contains("") else { throw ValidationError("Name at least one --data folder.") }
    try check(pictures, in: 2...1_000_000, "--pictures")
    try check(landmarks, in: 1...10_000, "--landmarks")
    try check(leastPictures, in: 1...1_000_000, "--least-pictures")
    try check(beam, in: 2...64, "--beam")
  }

  func run() throws {
    Interruption.install()
    let console = Console(running.progress)
    ConsoleLog.start(console, isVerbose: running.verbose)
    try RunStatus.exit(reportingTo: console) {
      let report = TrainingReport(console)
      let calibration = try RerankerCalibration(
        model: model.folder(kind: "caption"), data: data.map { URL(fileURLWithPath: $0, isDirectory: true) },
        precision: numbers.precision, threads: running.threads ?? availableCores()
      ) { event in
        try Interruption.check()
        report.show(event)
      }
      var fit = WordExpectation.Fit()
      (fit.landmarks, fit.leastPictures) = (landmarks, leastPictures)
      let found = try calibration.run(pictures: pictures, fit: fit, beamWidth: beam)
      console.finish()
      try ResultOutput(path: nil).write(Array(Self.table(found).utf8))
      return .success
    }
  }

  /// A line a weight, its mean and each data set's.
  private static func table(_ report: RerankerCalibration.Report) -> String {
    var lines = [(["weight", "CIDEr-D"] + report.sets).joined(separator: "\t")]
    for (weight, cider) in report.scores {
      let mean = cider.reduce(0, +) / Double(cider.count)
      lines.append(
        String(format: "%.0f", weight) + ([mean] + cider).map { String(format: "\t%.4f", $0) }.joined()
          + (weight == report.chosen ? "\tchosen" : ""))
    }
    return (lines + ["\(report.words) words, \(report.landmarks) landmarks", ""]).joined(separator: "\n")
  }
}
