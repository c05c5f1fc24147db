import ArgumentParser
import Foundation
import Models
import Narration
import Reports

/// `narrate info`.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "The models found, with their cards.",
    discussion: "Looks in $NARRATE_MODELS, then ./models, then ../share/narrate/models beside the executable."
  )

  @Option(help: ArgumentHelp("How models are printed.", valueName: "format"))
  var format: InfoFormat = .text

  @OptionGroup var model: ModelOptions

  func run() throws {
    Interruption.install()
    let console = Console(.none)
    try RunStatus.exit(reportingTo: console) {
      let library = model.model.map {
        ModelLibrary(searchPaths: [URL(fileURLWithPath: $0, isDirectory: true)])
      }
      return try InfoReport(library ?? ModelLibrary(), format).print(console)
    }
  }
}
