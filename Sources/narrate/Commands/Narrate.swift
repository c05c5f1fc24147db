import Algorithms
import ArgumentParser
import Files
import Media
import Reports

/// The root command.
@main struct Narrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "narrate",
    abstract: "Captions pictures, labels clips and summarizes videos, on the CPU, offline.",
    discussion: """
      Results go to standard output, everything else to standard error.

      Exit status: 0 all inputs done; 1 at least one input failed (the others are still done); 64 wrong \
      arguments; 65 a model or data file is damaged or does not fit; 74 a read or write failed; \
      130 interrupted.
      """,
    version: "0.1.0",
    subcommands: [
      CaptionCommand.self, AltTextCommand.self, LabelCommand.self, SummarizeCommand.self, ShotsCommand.self,
      TrackCommand.self, TranslateCommand.self, TrainCommand.self, EvaluateCommand.self,
      CalibrateCommands.self,
      ImportCommand.self, LibraryCommands.self,
      ServeCommand.self,
      BenchmarkCommand.self, InfoCommand.self,
    ])

  /// Paths are bytes on Linux: arguments that are not UTF-8 are kept, which `CommandLine.arguments` does not
  /// do.
  static func main() {
    let given = GivenPath.programArguments
    if given.first == DecodingWorker.argument { DecodingWorker.run(given) }
    StandardStreams.open()
    LimitedMemory.install()
    let arguments = GivenPath.namingFiles(given)
    do {
      if let option = emptyOption(arguments) { throw ValidationError("\(option) is given nothing.") }
      var command = try parseAsRoot(arguments)
      try command.run()
      LimitedMemory.commandIsDone()
    } catch {
      LimitedMemory.commandIsDone()
      exit(withError: error)
    }
  }

  /// An option with an empty value, as of a variable that is not set: no path, name or number is empty, and an empty path would
  /// stand for the current folder.
  private static func emptyOption(_ arguments: [String]) -> String? {
    let options = arguments.prefix { $0 != "--" }
    if let joined = options.first(where: { $0.hasPrefix("--") && $0.hasSuffix("=") }) {
      return String(joined.dropLast())
    }
    return options.adjacentPairs().first { $0.hasPrefix("-") && $0 != "-" && $1.isEmpty }?.0
  }
}
