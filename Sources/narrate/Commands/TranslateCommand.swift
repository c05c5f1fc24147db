import ArgumentParser
import Compute
import Files
import Foundation
import Models
import Narration
import Reports

/// `narrate translate`.
struct TranslateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "translate",
    abstract: "Captions in another language.",
    discussion: """
      A line for each text, or for each line of --file and of standard input, which is read where no text is named or one is -. \
      Blank lines stay. The models have learned captions of photographs: what else is translated is a guess.
      """)

  @Argument(help: ArgumentHelp("Texts in English; - is standard input.", valueName: "text"))
  var texts: [String] = []

  @Option(help: ArgumentHelp("The language to translate into: \(Self.usual).", valueName: "language"))
  var to: String

  @Option(
    help: ArgumentHelp("A file whose lines are translated.", valueName: "file"), completion: .file())
  var file: [String] = []

  @Option(help: ArgumentHelp("Beam width, 1 to 64; 1 is greedy.", valueName: "n"))
  var beam = TranslationEngine.beamWidth

  @Option(
    name: [.long, .short], help: ArgumentHelp("A file instead of standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup var model: ModelOptions
  @OptionGroup var running: RunOptions

  private static var usual: String {
    CaptionLanguage.allCases.filter { $0 != .english }.map(\.rawValue).joined(separator: ", ")
  }

  func validate() throws {
    try check(beam, in: CaptionOptions.beamWidths, "--beam")
    guard model.model == nil else { return }
    // Those that come with the program, and those that there are models for.
    let known = Set(CaptionLanguage.allCases.map(\.rawValue)).subtracting(["en"])
      .union(ModelLibrary().translatedLanguages)
    guard known.contains(to) else {
      throw ValidationError("\(UnknownLanguage(language: to, known: known.sorted())).")
    }
  }

  func run() throws {
    Interruption.install()
    let console = Console(running.progress)
    ConsoleLog.start(console, isVerbose: running.verbose)
    try RunStatus.exit(reportingTo: console) { try translate(console) }
  }

  private func translate(_ console: Console) throws -> RunStatus {
    let folder = try model.model.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? library()
    let files = file.map(GivenPath.init(argument:))
    let place = output.map(GivenPath.init(argument:))
    var outputs = Outputs()
    outputs.add(file: place, "--output")
    try outputs.check(reading: files + (readsInput ? [GivenPath("-")] : []), models: [folder])
    let output = try ResultOutput(path: place)
    let model = try TranslationModel(contentsOf: folder)
    let languages = model.configuration.languages
    guard languages.contains(to) else {
      throw ValidationError("\(UnknownLanguage(language: to, known: languages)).")
    }
    let threads = running.threads ?? availableCores()
    let engines = try (0..<threads).map { _ in
      try TranslationEngine(model, to: to, beam: beam, batch: TranslationJob.batch)
    }
    var job = TranslationJob(engines: engines, output: output, console: console)
    for text in texts where text != "-" { try job.translate(text) }
    for path in files { try job.translate(linesOf: path) }
    if readsInput { try job.translate(linesOf: GivenPath("-")) }
    return try job.finish()
  }

  private var readsInput: Bool { texts.contains("-") || (texts.isEmpty && file.isEmpty) }

  private func library() throws(ModelError) -> URL {
    do {
      return try ModelLibrary().translator(to: to)
    } catch .missing(let path, let reason) {
      throw .missing(path: path, reason: reason + " (name one with --model)")
    }
  }
}
