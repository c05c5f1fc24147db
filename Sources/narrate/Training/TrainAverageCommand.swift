import ArgumentParser
import Files
import Foundation
import Models
import SystemPackage
import Training

/// `narrate train average`.
struct TrainAverageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "average",
    abstract: "Average captioning models that began alike.",
    discussion: """
      The output folder holds a model whose weights are the mean of the models': as good as a choice among them, or \
      better, in the size of one. They must be of one narrate train caption --from, with other seeds, settings, epochs or \
      weights of the data; those that began apart have nothing in common that could be averaged. narrate evaluate says \
      whether it helps. Calibrate the mean anew; other files that the output folder has are left as they are.
      """)

  @Argument(
    help: ArgumentHelp("Model folders, each with an optional weight: DIR=0.5.", valueName: "model"),
    completion: .directory)
  var models: [String] = []

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The model folder to write.", valueName: "dir"),
    completion: .directory)
  var output: String

  func validate() throws {
    guard models.count > 1 else {
      throw ValidationError("Nothing to average: name two models, or more.")
    }
    for argument in models where TrainingData.Argument(argument) == nil {
      throw ValidationError(
        "A model is a folder, or a folder and a weight above 0, at most 1000 (DIR=0.5), not \(argument).")
    }
  }

  func run() throws {
    try RunStatus.exit(reportingTo: Console(.none)) {
      let parts = models.compactMap(TrainingData.Argument.init).map { argument in
        (folder: URL(fileURLWithPath: argument.path, isDirectory: true), weight: argument.weight)
      }
      let folder = URL(fileURLWithPath: output, isDirectory: true)
      var outputs = Outputs()
      outputs.add(Outputs.ofTraining, in: folder, "--output")
      try outputs.check(reading: [], models: parts.map(\.folder))
      let average = try CaptionAverage(parts)
      try FilePath(folder.path).makeFolder()
      try average.write(to: folder)
      return .success
    }
  }
}
