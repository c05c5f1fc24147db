import ArgumentParser
import Catalogue
import Files
import Foundation
import Metadata
import Reports

/// `narrate library undo`.
struct LibraryUndoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo",
    abstract: "Takes back what narrate caption --sidecar wrote beside pictures, and nothing else.",
    discussion: """
      Of the pictures named or, where none are, of all in the catalogue. What people or other programs wrote into a sidecar stays, also \
      where it took the place of a caption; a sidecar that holds nothing else goes. One line a sidecar that changed.
      """)

  @Argument(
    help: ArgumentHelp("Pictures. Default: all in the catalogue.", valueName: "picture"), completion: .file())
  var paths: [String] = []

  @OptionGroup var place: CatalogueOptions

  func run() throws {
    Interruption.install()
    let console = Console(.none)
    try RunStatus.exit(reportingTo: console) {
      let output = try ResultOutput(path: nil)
      var failures = 0
      func undo(_ picture: GivenPath) throws {
        try Interruption.check()
        for sidecar in Sidecars().places(of: picture) where sidecar.location.kind != nil {
          do {
            guard try Sidecars.undo(sidecar) else { continue }
          } catch let error as FileError where !error.isReaderGone {
            failures += 1
            console.report(error.description)
            continue
          } catch let error as MetadataError {
            failures += 1
            console.report(error.description)
            continue
          }
          let name = String(decoding: String.escapingControls(sidecar.bytes), as: UTF8.self)
          try output.write(Array((name + "\n").utf8))
        }
      }
      if paths.isEmpty {
        try place.open().visit { entry in for path in entry.paths { try undo(path) } }
      } else {
        for path in paths { try undo(GivenPath(argument: path)) }
      }
      return failures > 0 ? .someInputsFailed : .success
    }
  }
}
