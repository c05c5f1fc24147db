import ArgumentParser
import Compute
import Datasets
import Files
import Foundation
import Models
import Narration
import Networks
import Reports
import Training

/// `narrate train translate`.
struct TrainTranslateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "translate",
    abstract: "Train a translator of sentences.",
    discussion: """
      Data is a folder with train.tsv and val.tsv, whose columns are languages, named in the first line, and whose lines are \
      sentences with their translations; of several folders one must have val.tsv. The output folder becomes a model folder, with metrics.jsonl, metrics.svg and the \
      checkpoint beside the model.
      """)

  @Option(
    help: ArgumentHelp(
      "A data folder, or with =N one whose sentences an epoch shows N times, 1 to 1000. May be given several times.",
      valueName: "dir[=n]"), completion: .directory)
  var data: [String] = []

  @Option(help: ArgumentHelp("The column to translate from.", valueName: "language"))
  var from = "en"

  @Option(
    help: ArgumentHelp(
      "The column to translate to; several times for one network that writes several languages.",
      valueName: "language"))
  var to: [String] = []

  @Option(
    name: [.long, .short], help: ArgumentHelp("The model folder to write.", valueName: "dir"),
    completion: .directory)
  var output: String?

  @Option(
    help: ArgumentHelp("Settings, JSON; what is not in it keeps its default.", valueName: "file"),
    completion: .file())
  var config: String?

  @Option(
    help: ArgumentHelp(
      "A translation model to go on from. Its units and the sizes of its network are kept.", valueName: "dir"),
    completion: .directory)
  var base: String?

  @Flag(help: "Print all settings with their values, and do nothing else.")
  var printConfig = false

  @Flag(help: "Go on from the output folder's checkpoint, if there is one.")
  var resume = false

  @OptionGroup var running: RunOptions

  func validate() throws {
    guard printConfig || (!data.isEmpty && !to.isEmpty && output != nil) else {
      throw ValidationError(
        "Name --data, a folder to learn from, --to, a language, and --output, the model folder to write.")
    }
    if let wrong = data.first(where: { Self.folder($0) == nil }) {
      throw ValidationError("--data takes a folder, or FOLDER=N with N from 1 to 1000, not \(wrong).")
    }
    guard Set(to + [from]).count == to.count + 1 else {
      throw ValidationError("--from and --to take each language once.")
    }
  }

  /// A folder and how often its sentences are shown; nil where that is no such number. A folder with `=` in its name needs one.
  private static func folder(_ argument: String) -> (url: URL, times: Int)? {
    guard let given = TrainingData.Argument(argument), let times = Int(exactly: given.weight) else {
      return nil
    }
    return (URL(fileURLWithPath: given.path, isDirectory: true), times)
  }

  func run() throws {
    try running.train { console, processes in try train(console, processes) }
  }

  private func train(_ console: Console, _ processes: ProcessGroup) throws -> RunStatus {
    let settings =
      try config.map { try TranslationSettings(contentsOf: URL(fileURLWithPath: $0)) }
      ?? TranslationSettings()
    guard !printConfig, let output else {
      try ResultOutput(path: nil).write(Array(settings.printed.utf8))
      return .success
    }
    let folder = URL(fileURLWithPath: output, isDirectory: true)
    var outputs = Outputs()
    outputs.add(Outputs.ofTraining, in: folder, "--output")
    try outputs.check(
      reading: config.map { [GivenPath($0)] } ?? [],
      models: base.map { [URL(fileURLWithPath: $0, isDirectory: true)] } ?? [])
    let report = TrainingReport(console, counting: "units")
    report.warn(of: settings.optimization.precision)
    let model = try base.map {
      try TranslationModel(contentsOf: URL(fileURLWithPath: $0, isDirectory: true))
    }
    let sets = try data.compactMap(Self.folder).map { (try TranslationDataset(at: $0.url), $0.times) }
    let trainer = try TranslationTrainer(
      data: TranslationData(sets, from: from, to: to, settings, base: model), settings: settings, base: model,
      output: folder, threads: running.threads ?? availableCores(), resuming: resume,
      processes: processes
    ) { event in
      try Interruption.check()
      report.show(event)
    }
    try trainer.run()
    return .success
  }
}
