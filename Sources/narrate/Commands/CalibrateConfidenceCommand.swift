import ArgumentParser
import Files
import Models
import Narration
import Reports
import Training

/// `narrate calibrate confidence`.
struct CalibrateConfidenceCommand: CalibratingCommand {
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

  @Option(help: ArgumentHelp("Drawn pictures of each kind, 0 to 1000.", valueName: "n"))
  var drawn = ConfidenceCalibration.drawn

  @Option(
    help: ArgumentHelp(
      "Share of people's CIDEr-D from which on a caption is right, 0.05 to 2.", valueName: "share"))
  var level = ConfidenceCalibration.level

  @Option(help: ArgumentHelp("Beam width, 2 to 64.", valueName: "n"))
  var beam = ConfidenceCalibration.beamWidth

  @Option(
    help: ArgumentHelp("The reliability of the confidence as a picture, .svg.", valueName: "file"),
    completion: .file(extensions: ["svg"]))
  var plot: String?

  @OptionGroup var numbers: PrecisionOptions
  @OptionGroup var shared: CalibrationOptions

  func validate() throws {
    try check(drawn, in: 0...1000, "--drawn")
    try check(beam, in: 2...64, "--beam")
    if let plot, !plot.lowercased().hasSuffix(".svg") {
      throw ValidationError("--plot takes a file whose name ends in .svg, not \(plot).")
    }
    guard 0.05...2 ~= level else { throw ValidationError("--level takes 0.05 to 2.") }
  }

  func checkOutputs() throws {
    var outputs = Outputs()
    outputs.add(file: plot.map { GivenPath($0) }, "--plot")
    try outputs.check(
      reading: shared.data.map { GivenPath($0).appending(Array("captions.tsv".utf8)) },
      models: [shared.model.folder(kind: .caption)])
  }

  func calibrate(_ task: CalibrationTask) throws -> String {
    let found = try ConfidenceCalibration(task, precision: numbers.precision).run(
      drawn: drawn, level: level, beamWidth: beam)
    if let plot {
      let title = try shared.model.folder(kind: .caption).lastPathComponent
      try WholeFile.write(ReliabilityPlot(found.bins, title: title).svg().utf8, to: plot)
    }
    return found.text
  }
}
