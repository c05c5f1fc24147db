import ArgumentParser
import Models
import Narration
import Reports
import Training

/// `narrate calibrate reranker`.
struct CalibrateRerankerCommand: CalibratingCommand {
  static let configuration = CommandConfiguration(
    commandName: "reranker",
    abstract: "Let a captioning model choose among its captions by what people say of similar pictures.",
    discussion: """
      Learns from the pictures and captions of the split train which words people would use of a picture (radial basis \
      functions of its mean features) and which three words in a row they write at all, with English qualifiers (articles, \
      numbers, colours …) and without. Finds on the split val how much the former, the words that the model's detector finds, \
      if it has one, and what it does not find are to count in the choice among a beam's captions and in the search itself, by \
      CIDEr-D less CHAIRs, and writes reranker.safetensors into the model's folder. Prints the best for each guidance of the \
      search and each weight of what is expected. Make precision.json and confidence.json anew afterwards.
      """)

  @Option(
    help: ArgumentHelp("Most pictures and clips of each data folder, 2 to 1000000.", valueName: "n"))
  var pictures = RerankerCalibration.pictures

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
  var beam = RerankerCalibration.beamWidth

  @OptionGroup var numbers: PrecisionOptions
  @OptionGroup var shared: CalibrationOptions

  func validate() throws {
    try check(pictures, in: 2...1_000_000, "--pictures")
    try check(landmarks, in: 1...10_000, "--landmarks")
    try check(leastPictures, in: 1...1_000_000, "--least-pictures")
    try check(beam, in: 2...64, "--beam")
  }

  func calibrate(_ task: CalibrationTask) throws -> String {
    var fit = WordExpectation.Fit()
    (fit.landmarks, fit.leastPictures) = (landmarks, leastPictures)
    return try RerankerCalibration(task, precision: numbers.precision).run(
      pictures: pictures, fit: fit, beamWidth: beam
    ).text
  }
}
