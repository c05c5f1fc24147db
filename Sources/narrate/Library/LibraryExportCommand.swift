import ArgumentParser
import Catalogue
import Files
import Foundation
import Media
import Reports
import SystemPackage

/// `narrate library export`.
struct LibraryExportCommand: ParsableCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument { case jsonl, csv, html }

  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "All that the catalogue says, as JSON Lines, as a table, or as a page to look through.",
    discussion: """
      html is a folder with index.html and small pictures beside it, which works from a disk: pages of 500 pictures, each linked to its \
      file, with a field to filter a page by words.
      """)

  @Option(help: ArgumentHelp("jsonl, csv or html.", valueName: "format"))
  var format: Format = .jsonl

  @Option(
    name: [.long, .short],
    help: ArgumentHelp(
      "A file instead of standard output; for html a folder that is not there yet.", valueName: "path"),
    completion: .file())
  var output: String?

  @OptionGroup var place: CatalogueOptions
  @OptionGroup var decoding: SandboxOptions
  @OptionGroup var running: RunOptions

  func validate() throws {
    if format == .html, output == nil { throw ValidationError("--format html takes --output, a folder.") }
  }

  func run() throws {
    Interruption.install()
    let console = Console(running.progress)
    ConsoleLog.start(console, isVerbose: running.verbose)
    try RunStatus.exit(reportingTo: console) {
      try decoding.start()
      let catalogue = try place.open()
      try check(catalogue)
      if format == .html { return try page(catalogue, GivenPath(argument: output ?? ""), console) }
      let file = try ResultOutput(path: output.map(GivenPath.init(argument:)))
      if format == .csv { try file.write(LibraryTable.header) }
      do {
        try catalogue.visit { entry in
          try Interruption.check()
          try file.write(
            format == .csv ? LibraryTable.record(entry) : Array((JSON.object(entry.fields).text + "\n").utf8))
        }
        try file.commit()
      } catch let error as FileError where error.isReaderGone {
        // `head` has enough.
      }
      return .success
    }
  }

  /// What is there already must not be lost, nor shall small pictures be added the next time.
  private func check(_ catalogue: Catalogue) throws {
    guard let place = output.map(GivenPath.init(argument:)) else { return }
    var outputs = Outputs()
    outputs.add(file: place, "--output")
    var read = ["", "-wal", "-shm", "-journal"].map {
      GivenPath(bytes: catalogue.path.bytes + Array($0.utf8))
    }
    if place.location.kind != nil { try catalogue.visit { read += $0.paths } }
    try outputs.check(reading: read)
    if format == .html, try catalogue.holds(place) {
      throw ValidationError(
        "--output \(place.text) lies among the catalogue's files, to which its pictures would be added.")
    }
  }

  private func page(_ catalogue: Catalogue, _ path: GivenPath, _ console: Console) throws -> RunStatus {
    let folder = path.location
    guard folder.kind == nil else { throw ValidationError("--output \(path.text) is there already.") }
    let total = try catalogue.counts().present
    var pages = try LibraryPages(folder: folder, catalogue: catalogue.path, total: total)
    var progress = ProgressBar(task: "export", done: 0, total: total, seconds: 0)
    let start = ContinuousClock.now
    try catalogue.visit { entry in
      try Interruption.check()
      try pages.add(entry)
      progress.done += 1
      progress.seconds = (ContinuousClock.now - start) / .seconds(1)
      console.show(progress)
    }
    try pages.finish()
    console.finish()
    return .success
  }
}

/// The table of the `csv` format.
private enum LibraryTable {
  static var header: [UInt8] {
    CommaSeparated.record([
      "path", "caption", "source", "confidence", "unsure", "tags", "labels", "width", "height", "model",
    ])
  }

  static func record(_ entry: Entry) -> [UInt8] {
    entry.paths.flatMap { path in
      CommaSeparated.record(
        [CommaSeparated.text(path.bytes)]
          + [
            CommaSeparated.text(entry.caption ?? ""), entry.isHuman ? "human" : "model",
            JSON.rounded(entry.confidence, places: 4).text, String(entry.isUnsure),
            CommaSeparated.text(entry.tags.joined(separator: "; ")),
            CommaSeparated.text(entry.labels.joined(separator: "; ")), String(entry.width),
            String(entry.height),
            CommaSeparated.text(entry.model ?? ""),
          ].map { Array($0.utf8) })
    }
  }
}
