import ArgumentParser
import Models
import Narration
import Reports
import Training

/// `narrate calibrate precision`.
struct CalibrateCommand: CalibratingCommand {
  static let configuration = CommandConfiguration(
    commandName: "precision",
    abstract: "Let a captioning model calculate in fewer bits.",
    discussion: """
      Measures the ranges of its layers on pictures of the split train, and the CIDEr-D of captions of the split val in each \
      precision that this CPU has, and writes precision.json into the model's folder. Until then --precision auto is f32, \
      afterwards the fastest that costs at most 0.005, in the mean over the data folders, as captions are chosen by the \
      model's reranker, if it has one. An imported model has no ranges to measure: the split val is enough. CPUs without VNNI round weights in bytes a little more coarsely than those with it.
      """)

  @Option(
    help: ArgumentHelp(
      "Pictures and clips to measure ranges on, as many of each data folder, 1 to 100000.", valueName: "n"))
  var pictures = PrecisionCalibration.pictures

  @Option(help: ArgumentHelp("Beam width, 1 to 64; 1 is greedy.", valueName: "n"))
  var beam = CaptionOptions().beamWidth

  @Option(
    help: ArgumentHelp(
      "Whose way of writing to follow, where the model has learned several. Default: each data folder's own, by its name, or "
        + "else the model's first.",
      valueName: "name"))
  var style: String?

  @OptionGroup var shared: CalibrationOptions

  func validate() throws {
    try check(pictures, in: 1...100_000, "--pictures")
    try check(beam, in: 1...64, "--beam")
  }

  func calibrate(_ task: CalibrationTask) throws -> String {
    var options = CaptionOptions()
    (options.beamWidth, options.style) = (beam, style)
    return try PrecisionCalibration(task).run(pictures: pictures, options: options).text
  }
}
