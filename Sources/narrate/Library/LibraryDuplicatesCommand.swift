import ArgumentParser
import Catalogue
import Files
import Foundation
import Reports

/// `narrate library duplicates`.
struct LibraryDuplicatesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "duplicates",
    abstract: "Files that are equal, and pictures that look nearly equal.",
    discussion: """
      Nearly equal are pictures of the same shape whose features agree: a smaller copy, another format, a frame later. One path a line, \
      groups apart by an empty line; with --format jsonl one group a line.
      """)

  @Option(
    help: ArgumentHelp(
      "How much pictures must look alike, 0.5 to 1; 1 is equal files alone.", valueName: "cosine"))
  var similarity = 0.95

  @Option(help: ArgumentHelp("text or jsonl.", valueName: "format"))
  var format: LibraryFormat = .text

  @OptionGroup var place: CatalogueOptions

  func validate() throws {
    guard (0.5...1).contains(similarity) else { throw ValidationError("--similarity takes 0.5 to 1.") }
  }

  func run() throws {
    Interruption.install()
    let console = Console(.none)
    try RunStatus.exit(reportingTo: console) {
      let output = try ResultOutput(path: nil)
      for (index, group) in try place.open().duplicates(cosine: similarity).enumerated() {
        let paths = group.flatMap(\.paths)
        switch format {
        case .text:
          let lines = paths.map { String(decoding: String.escapingControls($0.bytes), as: UTF8.self) + "\n" }
          try output.write(Array(((index > 0 ? "\n" : "") + lines.joined()).utf8))
        case .jsonl:
          let object = JSON.object([
            ("paths", .array(paths.map { .string($0.text) })), ("equal", .boolean(group.count == 1)),
          ])
          try output.write(Array((object.text + "\n").utf8))
        }
      }
      return .success
    }
  }
}
