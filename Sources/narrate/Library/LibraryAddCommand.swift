import ArgumentParser
import Catalogue
import Compute
import Files
import Foundation
import Models
import Narration
import Reports

/// `narrate library add`.
struct LibraryAddCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Puts the pictures and videos of folders into a catalogue, or freshens it.",
    discussion: """
      What is there already, by path, size and time of change, is not read again; what is there by its bytes under another name is not \
      described again. Files of these folders that are gone are marked. May be broken off at any moment and begun anew. At the end one \
      line says how many files were added, known, unchanged, gone and failed.
      """)

  @Argument(help: ArgumentHelp("Folders, or files.", valueName: "dir"), completion: .directory)
  var paths: [String] = []

  @Flag(help: "Try files again that could not be described.")
  var retryFailed = false

  @Flag(help: "Label what is done in videos, too, with the usual label model.")
  var labels = false

  @OptionGroup var place: CatalogueOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var wording: PeopleOptions
  @OptionGroup var telling: LanguageOptions
  @OptionGroup var numbers: PrecisionOptions
  @OptionGroup var decoding: SandboxOptions
  @OptionGroup var running: RunOptions

  func validate() throws {
    guard !paths.isEmpty else { throw ValidationError("Nothing to add: name at least one folder.") }
    guard !paths.contains("") else { throw ValidationError("A path is empty.") }
  }

  func run() throws {
    Interruption.install()
    let console = Console(running.progress)
    ConsoleLog.start(console, isVerbose: running.verbose)
    try RunStatus.exit(reportingTo: console) { try add(console) }
  }

  private func add(_ console: Console) throws -> RunStatus {
    try decoding.start()
    let named = paths.map(GivenPath.init(argument:))
    let folder = try model.folder(kind: .caption)
    let labelFolder = try labels ? ModelLibrary.usual(kind: .label) : nil
    let inputs = console.find(named, recursive: true, .picturesAndVideos)
    let usual = named.first { $0.location.isFolder } ?? GivenPath(".")
    let path = place.path(in: usual)
    var outputs = Outputs()
    outputs.add(file: path, "--catalogue")
    try outputs.check(reading: inputs.flatMap(\.files), models: [folder])
    let catalogue = try Catalogue(path, .creating)
    var settings = PictureDescriber.Settings()
    if let people = wording.people { settings.options.people = people }
    settings.options.keepsFindings = true
    settings.options.language = telling.language
    settings.precision = numbers.precision
    settings.progress = { _, _ in try Interruption.check() }
    let job = LibraryAddJob(
      catalogue: catalogue, inputs: inputs, folders: named.filter { $0.location.isFolder },
      retriesFailed: retryFailed)
    // A model is loaded when there is something to describe.
    return try job.run(console: console) { count in
      let threads = running.threads ?? availableCores()
      let inputs = inputs.prefix(count)
      let pool = try PictureDescriber.pool(
        model: folder, threads: threads, inputs: Array(inputs), settings)
      let labeler = try labelFolder.map { try ActionEngine(model: $0, threads: threads) }
      return (pool, labeler)
    }
  }
}
