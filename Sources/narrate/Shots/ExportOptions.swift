import ArgumentParser
import Files
import Narration
import Reports

/// The value of `--export`: kinds with commas between them, each once.
struct ExportKinds: ExpressibleByArgument {
  let kinds: [ExportKind]

  static var allValueStrings: [String] { ExportKind.allCases.map(\.rawValue) }

  init?(argument: String) {
    let kinds = argument.split(separator: ",", omittingEmptySubsequences: false).map {
      ExportKind(rawValue: String($0))
    }
    guard !kinds.contains(nil) else { return nil }
    self.kinds = ExportKind.allCases.filter(kinds.contains)
  }
}

/// `--export` and what belongs to it, of the commands that find shots.
struct ExportOptions: ParsableArguments {
  @Option(
    name: .customLong("export"),
    help: ArgumentHelp(
      """
      Write shots and chapters for other programs, too; commas between several: edl (CMX 3600), fcpxml (Final Cut Pro, Resolve), \
      otio (OpenTimelineIO), xml (Premiere), csv, markers (Resolve), matroska, ffmetadata, youtube, jellyfin (chapters), \
      trickplay (small pictures and WebVTT).
      """, valueName: "kinds"))
  private var exported: ExportKinds?
  var kinds: [ExportKind] { exported?.kinds ?? [] }

  @Option(help: ArgumentHelp("Most chapters, the most important ones. Default: all.", valueName: "n"))
  var maxChapters: Int?

  @Option(
    help: ArgumentHelp(
      "The video's subtitles, SubRip or WebVTT: what is said goes beside its shots and chapters.",
      valueName: "file"), completion: .file())
  var transcript: String?

  func validate() throws {
    if let maxChapters { try check(maxChapters, in: SummaryOptions.chapterCounts, "--max-chapters") }
  }

  /// The subtitles, if there are any.
  /// - Throws: the exit status where they cannot be read, which has been told then
  func readTranscript(_ console: Console) throws -> Transcript? {
    try transcript.map { argument in
      let path = GivenPath(argument: argument)
      do {
        return try Spools().reading(path) { path in try Transcript(contentsOf: path) }
      } catch let failure as InputFailure {
        console.report(path, failure)
        throw RunStatus.someInputsFailed
      }
    }
  }
}
