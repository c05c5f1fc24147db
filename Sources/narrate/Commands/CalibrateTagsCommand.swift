import ArgumentParser
import Files
import Models
import Networks
import Reports
import Training

/// `narrate calibrate tags`.
struct CalibrateTagsCommand: CalibratingCommand {
  static let configuration = CommandConfiguration(
    commandName: "tags",
    abstract: "Fit the ImageNet classifier to an encoder that was trained further.",
    discussion: """
      Pictures of the split train are shown to the original encoder and to the model's; what the original classifier says of \
      them is what the model's learns to say (Hinton et al. 2015). Replaces the classifier in the model's model.safetensors: \
      precision.json, reranker.safetensors and confidence.json are then of other weights, and have to be made after it.
      """)

  @Option(
    help: ArgumentHelp(
      "The original network's weights: what models/convert_efficientnet_lite.py wrote, or the model.safetensors of a model "
        + "whose encoder is the original.",
      valueName: "file"), completion: .file())
  var encoder: String

  @Option(help: ArgumentHelp("Most pictures to learn from, 10 to 1000000.", valueName: "n"))
  var pictures = TagCalibration.pictures

  @Option(help: ArgumentHelp("Times that each is learned from, 1 to 1000.", valueName: "n"))
  var epochs = TagCalibration.epochs

  @OptionGroup var shared: CalibrationOptions

  func validate() throws {
    try check(pictures, in: 10...1_000_000, "--pictures")
    try check(epochs, in: 1...1000, "--epochs")
  }

  func checkOutputs() throws {
    var outputs = Outputs()
    let model = try shared.model.folder(kind: .caption)
    outputs.add([ModelFolder.weightsName], in: model, "--model")
    try outputs.check(reading: [GivenPath(encoder)])
  }

  func calibrate(_ task: CalibrationTask) throws -> String {
    try TagCalibration(task, original: SafetensorsFile(path: encoder)).run(
      pictures: pictures, epochs: epochs
    ).text
  }
}
