import ArgumentParser
import Compute
import Files
import Foundation
import Models
import Narration
import Reports

extension ActionFormat: ExpressibleByArgument {}

/// `narrate label`.
struct LabelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "label",
    abstract: "What is being done in each video, and from when to when.",
    discussion: """
      A video longer than a window is looked at in windows, --stride seconds from one to the next: a shorter stride costs \
      more time and finds more. Neighbours with the same labels become one segment, which has several labels where \
      several are probable enough; where none is, nothing was recognised. Windows in which nothing moves are left out. \
      Times are the file's own presentation times. A path of - is standard input.
      """)

  @Argument(
    help: ArgumentHelp("Videos, or folders with --recursive.", valueName: "video"), completion: .file())
  var paths: [String] = []

  @Flag(name: [.long, .short], help: "Label the videos in folders and below, sorted by name.")
  var recursive = false

  @Option(help: ArgumentHelp("Labels a segment, best first, 1 to 1000.", valueName: "n"))
  var top = 3

  @Option(help: ArgumentHelp("Seconds looked at once, 0.1 to 3600. Default: the model's.", valueName: "s"))
  var window: Double?

  @Option(
    help: ArgumentHelp(
      "Seconds between the beginnings of two windows, 0.1 to 3600. Default: the model's.", valueName: "s"))
  var stride: Double?

  @Option(
    help: ArgumentHelp(
      "Probability below which a label is not said firmly, 0 to 1. Default: the model's.", valueName: "p"))
  var threshold: Double?

  @Option(
    name: .customLong("format"),
    help: ArgumentHelp(
      "text, json or jsonl. Default: text; with --stdin jsonl, and no other.", valueName: "format"))
  var givenFormat: ActionFormat?
  private var format: ActionFormat { givenFormat ?? (many.stdin ? .jsonl : .text) }

  @Flag(
    help:
      "End the lines of text with a NUL instead of a line end; names then stand as they are, which else are escaped."
  )
  var null = false

  @Option(
    help: ArgumentHelp("The segments as ActivityNet results, too.", valueName: "file"), completion: .file())
  var activitynet: String?

  @Option(
    help: ArgumentHelp("The labels over time as a picture, .png or .svg; of one video.", valueName: "file"),
    completion: .file())
  var timeline: String?

  @Option(
    name: [.long, .short], help: ArgumentHelp("A file instead of standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup var many: ManyOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var telling: LanguageOptions
  @OptionGroup var decoding: SandboxOptions
  @OptionGroup var running: RunOptions

  func validate() throws {
    try many.check(paths: paths, recursive: recursive)
    if many.stdin {
      guard format == .jsonl else { throw ValidationError("--stdin writes --format jsonl.") }
      guard timeline == nil else { throw ValidationError("--timeline takes one video.") }
    }
    guard !paths.isEmpty || many.stdin else {
      throw ValidationError("Nothing to label: name at least one video.")
    }
    guard !paths.contains("") else { throw ValidationError("A path is empty.") }
    try check(top, in: ActionOptions.tops, "--top")
    for (name, value) in [("--window", window), ("--stride", stride)] {
      if let value, !ActionOptions.seconds.contains(value) {
        throw ValidationError("\(name) takes seconds from 0.1 to 3600, not \(value).")
      }
    }
    if let timeline {
      guard TimelineFile.suits(timeline) else {
        throw ValidationError("--timeline takes a file whose name ends in .png or .svg, not \(timeline).")
      }
      guard paths.count == 1, !recursive else { throw ValidationError("--timeline takes one video.") }
    }
    if null, format != .text { throw ValidationError("--null goes with --format text.") }
    guard ActionOptions.thresholds.contains(threshold ?? 0) else {
      throw ValidationError("--threshold takes a number from 0 to 1.")
    }
  }

  func run() throws {
    Interruption.install()
    let console = Console(running.progress)
    ConsoleLog.start(console, isVerbose: running.verbose)
    try RunStatus.exit(reportingTo: console) { try label(console) }
  }

  private func label(_ console: Console) throws -> RunStatus {
    try decoding.start()
    let found = Result { try model.folder(kind: .label) }
    let threads = running.threads ?? availableCores()
    let all = console.find(paths.map(GivenPath.init(argument:)), recursive: recursive, .video)
    let inputs = many.shard?.part(of: all, threads: threads) ?? all
    let places = [output, activitynet, timeline].map { $0.map(GivenPath.init(argument:)) }
    var outputs = Outputs()
    for (place, option) in zip(places, ["--output", "--activitynet", "--timeline"]) {
      outputs.add(file: place, option)
    }
    try outputs.check(
      reading: many.stdin ? [GivenPath("-")] : inputs.flatMap(\.files), models: found.model)
    // All files are opened first: what cannot be written is known before the work is done.
    let output = try ResultOutput(path: places[0])
    let results = try places[1].map { path throws(FileError) in try WholeFile(path) }
    let timeline = try timeline.map { path in try TimelineFile(path) }
    let labeler = try ActionEngine(model: try found.get(), threads: threads)
    var options = ActionOptions()
    (options.top, options.window, options.stride, options.threshold) = (top, window, stride, threshold)
    var job = ActionJob(
      source: many.stdin
        ? RequestedInputs(RequestLines(), batch: 1) : ListedInputs(inputs, batch: 1), format: format,
      labeler: labeler, options: options,
      timeline: timeline, isNullTerminated: null, language: telling.language)
    let status = try job.run(output: output, console: console)
    if let results {
      try results.write(Array((job.activityNet.json.text + "\n").utf8))
      try results.commit()
    }
    return status
  }
}
