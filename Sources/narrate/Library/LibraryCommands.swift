import ArgumentParser
import Catalogue
import Files
import Foundation
import Reports

/// `narrate library`.
struct LibraryCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "library",
    abstract: "A catalogue of pictures and videos, to search by words and by looks.",
    discussion: """
      A catalogue is one SQLite file: what each file is by its bytes, where it is, what is said of it, and what it looks like. Files \
      that move or are copied are recognised, files that go are marked, and what people say of a caption is never replaced by what a \
      model says. It is named by --catalogue, or is $NARRATE_CATALOGUE, or else \(Catalogue.usualName) in the first folder that is added; for the other \
      commands, in the working folder or the nearest one above it that has one.
      """,
    subcommands: [
      LibraryAddCommand.self, LibrarySearchCommand.self, LibraryDuplicatesCommand.self,
      LibraryReviewCommand.self, LibraryExportCommand.self, LibraryUndoCommand.self,
    ])
}

/// `--catalogue`.
struct CatalogueOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The catalogue. Default: see narrate library --help.", valueName: "file"),
    completion: .file())
  var catalogue: String?

  private static let variable = "NARRATE_CATALOGUE"

  /// Where it is named, or else the file in a folder.
  func path(in folder: GivenPath) -> GivenPath {
    named ?? folder.appending(Array(Catalogue.usualName.utf8))
  }

  private var named: GivenPath? {
    if let catalogue { return GivenPath(argument: catalogue) }
    guard let value = ProcessInfo.processInfo.environment[Self.variable], !value.isEmpty else { return nil }
    return GivenPath(value)
  }

  /// Opens the one that is there.
  func open(_ access: Catalogue.Access = .reading) throws(CatalogueError) -> Catalogue {
    if let named { return try Catalogue(named, access) }
    // As many as a path may have parts.
    var name = Catalogue.usualName
    for _ in 0..<256 {
      let path = GivenPath(name)
      if path.location.kind != nil { return try Catalogue(path, access) }
      guard path.location.parent.resolved?.lastComponent != nil else { break }
      name = "../" + name
    }
    throw .missing(path: Catalogue.usualName)
  }
}

/// How contents are printed.
enum LibraryFormat: String, CaseIterable, ExpressibleByArgument {
  /// One line a file, `PATH<tab>CAPTION`.
  case text
  /// One object a line.
  case jsonl
}

extension Entry {
  /// The line of the text format: the first path and the caption.
  var line: String {
    let path = String(decoding: String.escapingControls(paths[0].bytes), as: UTF8.self)
    return path + "\t" + (caption ?? "").escapingControls + "\n"
  }

  /// The fields of the JSON Lines format.
  var fields: [(key: String, value: JSON)] {
    var fields: [(key: String, value: JSON)] = [
      ("path", .string(paths[0].text)), ("paths", .array(paths.map { .string($0.text) })),
      ("caption", caption.map { .string($0) } ?? .null), ("source", .string(isHuman ? "human" : "model")),
      ("confidence", .rounded(confidence, places: 4)), ("unsure", .boolean(isUnsure)),
      ("tags", .array(tags.map { .string($0) })), ("labels", .array(labels.map { .string($0) })),
      ("video", .boolean(isVideo)), ("width", .integer(width)), ("height", .integer(height)),
    ]
    if isHuman { fields.append(("model_caption", machineCaption.map { .string($0) } ?? .null)) }
    if let model { fields.append(("model", .string(model))) }
    if let errorKind, let error {
      fields.append(("error", .object([("kind", .string(errorKind)), ("message", .string(error))])))
    }
    return fields
  }
}
