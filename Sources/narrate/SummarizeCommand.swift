import ArgumentParser
import Files
import Foundation
import Media
import Narration
import Training

extension SummaryOptions.Detector: ExpressibleByArgument {}

/// `narrate summarize`.
struct SummarizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summarize",
    abstract: "A video in shots: key frames, captions, chapters, and a page to look at.",
    discussion: """
      Writes into the output folder index.html (a storyboard that needs no network), keyframes/*.jpg, chapters.vtt, \
      captions.srt and summary.json, all of them or none, and prints a line a shot: start, end, how it begins, caption. \
      Captions that the model is not sure of begin with "perhaps".
      """)

  @Argument(help: ArgumentHelp("A video.", valueName: "video"), completion: .file())
  var path: String

  @Option(
    name: [.long, .short], help: ArgumentHelp("The folder to write.", valueName: "dir"),
    completion: .directory)
  var output: String

  @Option(
    name: .customLong("keyframes"),
    help: ArgumentHelp("Most key frames of the whole video. Default: what the shots need.", valueName: "n"))
  var keyFrames: Int?

  @Flag(help: "Replace the output folder, if it holds an older summary.")
  var force = false

  @Option(
    help: ArgumentHelp("How shots are found: by a network, or by adaptive thresholds.", valueName: "name"))
  var detector: SummaryOptions.Detector = .network

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

  @OptionGroup var model: ModelOptions
  @OptionGroup var running: RunOptions

  func validate() throws {
    guard !path.isEmpty, !output.isEmpty else { throw ValidationError("A path is empty.") }
    if let keyFrames { try check(keyFrames, in: 1...100_000, "--keyframes") }
  }

  func run() throws {
    Interruption.install()
    let console = Console(running.progress)
    ConsoleLog.start(console, isVerbose: running.verbose)
    try RunStatus.exit(reportingTo: console) { try summarize(console) }
  }

  private func summarize(_ console: Console) throws -> RunStatus {
    let shots =
      detector == .adaptive
      ? nil
      : try shotModel.map { URL(fileURLWithPath: $0, isDirectory: true) }
        ?? ModelLibrary().first(kind: "shots").folder
    let summarizer = try Summarizer(
      captioner: try model.folder(kind: "caption"), shots: shots, threads: running.threads ?? availableCores()
    )
    let input = FilePath(argument: path)
    do {
      let summary = try SummaryJob(input: input, keyFrames: keyFrames, style: style, force: force).run(
        summarizer, output: FilePath(argument: output), console: console)
      let printed = format == .json ? summary.json.text + "\n" : summary.text
      try ResultOutput(path: nil).write(Array(printed.utf8))
      return .success
    } catch let failure as InputFailure {
      console.report(input, failure)
      return .someInputsFailed
    } catch let refusal as SummaryFolder.Refusal {
      console.report(refusal.description)
      return .inputOutputError
    }
  }
}

/// One video, summarized into a folder.
package struct SummaryJob {
  private let input: FilePath
  private let force: Bool
  private var options = SummaryOptions()

  package init(input: FilePath, keyFrames: Int? = nil, style: String? = nil, force: Bool = false) {
    (self.input, self.force) = (input, force)
    options.keyFrames = keyFrames
    options.captions.style = style
  }

  package func run(_ summarizer: Summarizer, output: FilePath, console: Console) throws -> SummaryFiles {
    let folder = try SummaryFolder(output, replacing: force)
    var pictures = 0
    let summary = try summarize(summarizer, console) { image, number in
      try folder.write(image.jpegData(), to: Self.provisional(number))
      pictures = number + 1
    }
    console.finish()
    if summary.damagedFrames > 0 {
      console.report("\(input.text): \(summary.damagedFrames) damaged frames skipped")
    }
    let kept = summary.shots.flatMap(\.keyFrames).map(\.picture)
    var files: [Int: String] = [:]
    for (number, picture) in kept.enumerated() {
      let name = String(format: "keyframes/%04d.jpg", number + 1)
      try folder.rename(Self.provisional(picture), to: name)
      files[picture] = name
    }
    for picture in 0..<pictures where files[picture] == nil { folder.delete(Self.provisional(picture)) }
    let contents = SummaryFiles(summary, path: input.text, model: summarizer.name, files: files)
    try folder.write((contents.json.text + "\n").utf8, to: "summary.json")
    try folder.write(contents.chapters.utf8, to: "chapters.vtt")
    try folder.write(contents.subtitles.utf8, to: "captions.srt")
    try folder.write(contents.page.utf8, to: "index.html")
    try folder.commit()
    return contents
  }

  private static func provisional(_ picture: Int) -> String { "keyframes/candidate-\(picture).jpg" }

  private func summarize(
    _ summarizer: Summarizer, _ console: Console, picture: (Image, Int) throws -> Void
  ) throws -> Summary {
    let began = ContinuousClock.now
    var shown = -1
    do {
      return try input.withReadableText { path in
        guard try !MediaKind(contentsOf: path).isStill else {
          throw InputFailure(kind: "unsupported", message: "a picture, not a video")
        }
        return try summarizer.summarize(contentsOf: path, options: options) { time, duration in
          try Interruption.check()
          guard let duration, duration > 0, Int(time) != shown else { return }
          shown = Int(time)
          let seconds = (ContinuousClock.now - began) / .seconds(1)
          var bar = ProgressBar(
            task: "summarize", done: min(Int(time), Int(duration)), total: Int(duration), seconds: seconds)
          bar.fields = [ProgressBar.Field("times_real_time", time / max(seconds, 1e-3), decimals: 1)]
          console.show(bar)
        } picture: {
          try picture($0, $1)
        }
      }
    } catch let error as MediaError {
      throw InputFailure(kind: error.kind, message: error.reason)
    }
  }
}
