import ArgumentParser
import Foundation
import Media
import Models
import Narration
import Reports

/// `--model`, which every command has that uses one.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A model folder. Default: found in $NARRATE_MODELS, then ./models, then ../share/narrate/models beside the \
      executable.
      """,
      valueName: "dir"),
    completion: .directory)
  var model: String?

  /// The folder named, or else the first model of the kind that the library has.
  func folder(kind: ModelKind) throws -> URL {
    let folder =
      try model.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? ModelLibrary.usual(kind: kind)
    try MemoryShortage.check(kind, model: folder.path)
    return folder
  }
}

extension Result where Success == URL {
  /// The folder found, of which no file may be an output; none where that fails, which is told after outputs are opened.
  var model: [URL] { (try? get()).map { [$0] } ?? [] }
}

extension ModelLibrary {
  /// The folder of the first model of a kind that the usual folders have.
  static func usual(kind: ModelKind) throws(ModelError) -> URL {
    do {
      return try ModelLibrary().first(kind: kind)
    } catch .missing(let path, let reason) {
      throw .missing(path: path, reason: reason + " (name one with --model)")
    }
  }
}

/// `--precision`, of the commands that caption pictures.
struct PrecisionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What to calculate in: f32, bf16 (the encoder), int8 (encoder and decoder), or auto, the fastest that costs next to nothing by the model's precision.json.",
      valueName: "numbers"))
  var precision: Precision = .auto
}

extension Precision: ExpressibleByArgument {}
extension PeopleWording: ExpressibleByArgument {}

/// `--people`, of the commands that caption.
struct PeopleOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How people are spoken of: guess tells men from women, as people who describe pictures do; cautious does where it is sure, "
        + "and says person, people or child elsewhere; neutral always says so. Default: cautious.",
      valueName: "wording"))
  var people: PeopleWording?
}

extension CaptionLanguage: ExpressibleByArgument {}

/// `--language`, of the commands that tell something.
struct LanguageOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What is told is told in this language; other than en takes a model that translates. The system's own language is not asked.",
      valueName: "language"))
  var language: CaptionLanguage = .english
}

/// `--sandbox`, of the commands that look at people's files.
struct SandboxOptions: ParsableArguments {
  @Flag(
    help:
      "Decode pictures and videos in confined processes, which can open nothing themselves and take at most 400 MB: a file that breaks its decoder is one input that fails."
  )
  var sandbox = false

  /// - Throws: `SandboxError`
  func start() throws {
    if sandbox { DecodingSandbox.current = try DecodingSandbox() }
  }
}

/// How a command works, rather than what it does.
struct RunOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Threads. Default: the cores this process may use.", valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp("Progress on standard error: auto is a bar, on a terminal only.", valueName: "mode"))
  var progress: ProgressMode = .auto

  @Flag(help: "Say more on standard error.")
  var verbose = false

  func validate() throws {
    if let threads { try check(threads, in: 1...1024, "--threads") }
  }
}

/// - Throws: a usage error that names the option and its range.
func check(_ value: Int, in range: ClosedRange<Int>, _ option: String) throws {
  guard range.contains(value) else {
    throw ValidationError(
      "\(option) takes a number from \(range.lowerBound) to \(range.upperBound), not \(value).")
  }
}
