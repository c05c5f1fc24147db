import ArgumentParser
import Catalogue
import Compute
import Files
import Foundation
import Media
import Models
import Narration
import Reports

extension Catalogue.Basis: ExpressibleByArgument {}

/// `narrate library search`.
struct LibrarySearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Pictures by words, or by what they look like.",
    discussion: """
      By meaning, a picture is found by what people would say of it, as its model sees it, whether its caption says so or not; by text, \
      by what stands in captions, tags and labels, forms of a word alike. Words in quotes ("hot dog" in '"hot dog" stand') must stand in \
      the text side by side. One line a picture, PATH<tab>CAPTION, best first; of a picture with several files the first.
      """)

  @Argument(help: ArgumentHelp("What is looked for.", valueName: "words"))
  var words: [String] = []

  @Option(
    help: ArgumentHelp("Pictures that look like this one, instead of words.", valueName: "file"),
    completion: .file())
  var like: String?

  @Option(help: ArgumentHelp("Pictures at most, 1 to 100000.", valueName: "n"))
  var limit = 20

  @Option(help: ArgumentHelp("By text, by meaning, or by both.", valueName: "basis"))
  var by: Catalogue.Basis = .both

  @Option(help: ArgumentHelp("text or jsonl.", valueName: "format"))
  var format: LibraryFormat = .text

  @OptionGroup var place: CatalogueOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var decoding: SandboxOptions

  func validate() throws {
    guard words.isEmpty != (like == nil) else {
      throw ValidationError("Name words to look for, or a picture with --like.")
    }
    try check(limit, in: 1...100_000, "--limit")
  }

  func run() throws {
    Interruption.install()
    let console = Console(.none)
    ConsoleLog.start(console, isVerbose: false)
    try RunStatus.exit(reportingTo: console) {
      let catalogue = try place.open()
      let output = try ResultOutput(path: nil)
      do {
        if let like {
          for (entry, cosine) in try alike(like, catalogue) {
            try output.write(line(entry, ("similarity", .rounded(cosine, places: 4))))
          }
        } else {
          for hit in try catalogue.search(words.joined(separator: " "), limit: limit, by: by) {
            let field = hit.probability.map { ("probability", JSON.rounded($0, places: 4)) }
            try output.write(line(hit.entry, field))
          }
        }
      } catch let error as FileError where error.isReaderGone {
        // `head` has enough.
      } catch let failure as InputFailure {
        console.report(GivenPath(argument: like ?? ""), failure)
        return .someInputsFailed
      }
      return .success
    }
  }

  private func line(_ entry: Entry, _ field: (String, JSON)?) -> [UInt8] {
    switch format {
    case .text: Array(entry.line.utf8)
    case .jsonl: Array((JSON.object(entry.fields + (field.map { [$0] } ?? [])).text + "\n").utf8)
    }
  }

  /// What a file looks like is known where the catalogue has its bytes; else the model looks at it.
  private func alike(_ argument: String, _ catalogue: Catalogue) throws -> [(entry: Entry, cosine: Double)] {
    let path = GivenPath(argument: argument)
    let key: ContentKey
    do throws(FileError) { key = try ContentKey(contentsOf: path) } catch {
      throw InputFailure.unreadable(error.code)
    }
    let known = try catalogue.described(key, retriesFailed: true)
    if let known, let features = try catalogue.features(known) {
      return try catalogue.search(like: features.mean, model: features.model, besides: known, limit: limit)
    }
    try decoding.start()
    var settings = PictureDescriber.Settings()
    settings.options.keepsFindings = true
    let pool = try PictureDescriber.pool(
      model: try model.folder(kind: .caption), threads: availableCores(), inputs: [Input(path)], settings)
    let described = try pool[0].describe([Input(path)])[0].get()
    let number = try catalogue.number(of: pool[0].describingModel)
    guard let number, let mean = described.captions[0].findings?.mean else {
      throw ValidationError("The catalogue was made with another model: name it with --model.")
    }
    return try catalogue.search(like: mean, model: number, limit: limit)
  }
}
