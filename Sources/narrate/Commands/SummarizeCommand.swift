import ArgumentParser
import Compute
import Files
import Foundation
import Models
import Narration
import Reports

extension ShotDetection: ExpressibleByArgument {}

/// `narrate summarize`.
struct SummarizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summarize",
    abstract: "A video in shots: key frames, captions, chapters, and a page to look at.",
    discussion: """
      Writes into the output folder index.html (a storyboard that needs no network), keyframes/*.jpg, chapters.vtt, \
      captions.srt and summary.json, all of them or none, and prints a line a shot: start, end, how it begins, caption. \
      Captions that the model is not sure of begin with "perhaps". Times are the file's own presentation times, which \
      need not begin at 0 (in chapters.vtt and captions.srt they do); where they jump, they go on from there.
      """)

  @Argument(help: ArgumentHelp("A video; - is standard input.", valueName: "video"), completion: .file())
  var path: String

  @Option(
    name: [.long, .short], help: ArgumentHelp("The folder to write.", valueName: "dir"),
    completion: .directory)
  var output: String

  @Option(
    name: .customLong("keyframes"),
    help: ArgumentHelp("Most key frames of the whole video. Default: what the shots need.", valueName: "n"))
  var keyFrames: Int?

  @Flag(help: "Replace what the output folder holds, if that is an older summary and nothing else.")
  var force = false

  @Option(
    help: ArgumentHelp("How shots are found: by a network, or by adaptive thresholds.", valueName: "name"))
  var detector: ShotDetection = .network

  @Option(help: ArgumentHelp("How the shots are printed.", valueName: "format"))
  var format: InfoFormat = .text

  @Option(
    help: ArgumentHelp(
      "Whose way of writing to follow, where the model has learned several. Default: its first.",
      valueName: "name"))
  var style: String?

  @Option(
    help: ArgumentHelp("A shot model's folder. Default: found as --model is.", valueName: "dir"),
    completion: .directory)
  var shotModel: String?

  @Option(
    help: ArgumentHelp(
      "What the times of chapters.vtt and captions.srt begin with: zero, the video's first frame, or file, its own presentation times.",
      valueName: "origin"))
  var times: TimeOrigin = .zero

  @Option(
    help: ArgumentHelp(
      "Choose what matters most, so long together (60s, 1m30s), and write it into summary.json as highlights.",
      valueName: "time"))
  var length: Span?

  @Option(
    help: ArgumentHelp(
      "What --length chooses as one video: copied between key frames, without encoding.", valueName: "file"),
    completion: .file())
  var reel: String?

  @OptionGroup var exports: ExportOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var wording: PeopleOptions
  @OptionGroup var telling: LanguageOptions
  @OptionGroup var numbers: PrecisionOptions
  @OptionGroup var decoding: SandboxOptions
  @OptionGroup var running: RunOptions

  func validate() throws {
    guard !path.isEmpty, !output.isEmpty else { throw ValidationError("A path is empty.") }
    if reel != nil, length == nil { throw ValidationError("--reel takes --length.") }
    if reel != nil, decoding.sandbox { throw ValidationError("--reel does not go with --sandbox.") }
    if let keyFrames { try check(keyFrames, in: SummaryOptions.keyFrameCounts, "--keyframes") }
  }

  func run() throws {
    Interruption.install()
    let console = Console(running.progress)
    ConsoleLog.start(console, isVerbose: running.verbose)
    try RunStatus.exit(reportingTo: console) { try summarize(console) }
  }

  private func summarize(_ console: Console) throws -> RunStatus {
    try decoding.start()
    let shots =
      detector == .adaptive
      ? nil
      : try shotModel.map { URL(fileURLWithPath: $0, isDirectory: true) }
        ?? ModelLibrary.usual(kind: .shots)
    let captioner = try model.folder(kind: .caption)
    let (input, folder) = (GivenPath(argument: path), GivenPath(argument: output))
    var outputs = Outputs()
    outputs.add(folder: folder, "--output")
    let reelPath = reel.map(GivenPath.init(argument:))
    outputs.add(file: reelPath, "--reel")
    let words = exports.transcript.map { [GivenPath(argument: $0)] } ?? []
    try outputs.check(reading: [input] + words, models: [captioner] + (shots.map { [$0] } ?? []))
    let transcript = try exports.readTranscript(console)
    let summarizer = try SummaryEngine(
      captioner: captioner, shots: shots,
      threads: running.threads ?? availableCores(),
      precision: numbers.precision)
    summarizer.captioner.warnOfSkippedFiles()
    var captions = CaptionOptions(style: style, language: telling.language)
    if let people = wording.people { captions.people = people }
    do {
      var job = SummaryJob(
        input: input, keyFrames: keyFrames, chapters: exports.maxChapters, captions: captions, force: force)
      (job.origin, job.exports) = (times, exports.kinds)
      (job.transcript, job.length, job.reel) = (transcript, length?.seconds, reelPath)
      let (summary, isWhole) = try job.run(summarizer, output: folder, console: console)
      let printed = format == .json ? summary.json.text + "\n" : summary.text
      try ResultOutput(path: nil).write(Array(printed.utf8))
      return isWhole ? .success : .someInputsFailed
    } catch let failure as InputFailure {
      console.report(input, failure)
      return .someInputsFailed
    } catch let refusal as SummaryFolder.Refusal {
      console.report(refusal.description)
      return .inputOutputError
    }
  }
}
