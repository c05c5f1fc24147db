import ArgumentParser
import Foundation
import Narration
import Training

/// `narrate calibrate tags`.
struct CalibrateTagsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tags",
    abstract: "Fit the ImageNet classifier to an encoder that was trained further.",
    discussion: """
      Pictures of the split train are shown to the original encoder and to the model's; what the original classifier says of \
      them is what the model's learns to say (Hinton et al. 2015). Replaces the classifier in the model's model.safetensors: \
      precision.json, reranker.safetensors and confidence.json are then of other weights, and have to be made after it.
      """)

  @Option(
    help: ArgumentHelp("A data folder; may be given several times.", valueName: "dir"), completion: .directory
  )
  var data: [String]

  @Option(
    help: ArgumentHelp(
      "The original network's weights: what models/convert_efficientnet_lite.py wrote, or the model.safetensors of a model "
        + "whose encoder is the original.",
      valueName: "file"), completion: .file())
  var encoder: String

  @Option(help: ArgumentHelp("Most pictures to learn from, 10 to 1000000.", valueName: "n"))
  var pictures = 12_000

  @Option(help: ArgumentHelp("Times that each is learned from, 1 to 1000.", valueName: "n"))
  var epochs = 10

  @OptionGroup var model: ModelOptions
  @OptionGroup var running: RunOptions

  func validate() throws {
    try check(pictures, in: 10...1_000_000, "--pictures")
    try check(epochs, in: 1...1000, "--epochs")
  }

  func run() throws {
    Interruption.install()
    let console = Console(running.progress)
    ConsoleLog.start(console, isVerbose: running.verbose)
    try RunStatus.exit(reportingTo: console) {
      let report = TrainingReport(console)
      let calibration = try TagCalibration(
        model: model.folder(kind: "caption"), original: encoder,
        data: data.map { URL(fileURLWithPath: $0, isDirectory: true) },
        threads: running.threads ?? availableCores()
      ) { event in
        try Interruption.check()
        report.show(event)
      }
      let found = try calibration.run(pictures: pictures, epochs: epochs)
      console.finish()
      let text = String(
        format: "top class as the original's, of %d pictures held out: %.1f %% before, %.1f %% after\n",
        found.pictures, found.before * 100, found.after * 100)
      try ResultOutput(path: nil).write(Array(text.utf8))
      return .success
    }
  }
}
