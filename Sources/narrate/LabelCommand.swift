import ArgumentParser
import Files
import Foundation
import Narration

/// `narrate label`.
struct LabelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "label",
    abstract: "What is being done in each video, and from when to when.",
    discussion: """
      A video longer than a window is looked at in overlapping windows; neighbours with the same label become one \
      segment. Where no label is probable enough, the segment is said to be uncertain. Times are the file's own \
      presentation times.
      """)

  @Argument(
    help: ArgumentHelp("Videos, or folders with --recursive.", valueName: "video"), completion: .file())
  var paths: [String] = []

  @Flag(name: [.long, .short], help: "Label the videos in folders and below, sorted by name.")
  var recursive = false

  @Option(help: ArgumentHelp("Labels a segment, best first.", valueName: "n"))
  var top = 3

  @Option(help: ArgumentHelp("Seconds looked at once. Default: the model's.", valueName: "s"))
  var window: Double?

  @Option(
    help: ArgumentHelp(
      "Seconds between the beginnings of two windows. Default: half a window.", valueName: "s"))
  var stride: Double?

  @Option(
    help: ArgumentHelp("Probability below which a label is not said firmly, 0 to 1.", valueName: "p"))
  var threshold = 0.5

  @Option(help: ArgumentHelp("text, json or jsonl.", valueName: "format"))
  var format: LabelFormat = .text

  @Option(
    help: ArgumentHelp("The segments as ActivityNet results, too.", valueName: "file"), completion: .file())
  var activitynet: String?

  @Option(
    name: [.long, .short], help: ArgumentHelp("A file instead of standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup var model: ModelOptions
  @OptionGroup var running: RunOptions

  func validate() throws {
    guard !paths.isEmpty else { throw ValidationError("Nothing to label: name at least one video.") }
    guard !paths.contains("") else { throw ValidationError("A path is empty.") }
    try check(top, in: 1...1000, "--top")
    for (name, value) in [("--window", window), ("--stride", stride)] {
      if let value, !(0.1...3600).contains(value) {
        throw ValidationError("\(name) takes seconds from 0.1 to 3600, not \(value).")
      }
    }
    guard (0...1).contains(threshold) else {
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
    let output = try ResultOutput(path: output.map(FilePath.init(argument:)))
    let labeler = try ActionLabeler(
      model: try model.folder(kind: "label"), threads: running.threads ?? availableCores())
    let inputs = Inputs.find(paths.map(FilePath.init(argument:)), recursive: recursive, .video)
    var options = LabelOptions()
    (options.top, options.window, options.stride, options.threshold) = (top, window, stride, threshold)
    var job = LabelJob(inputs: inputs, format: format, labeler: labeler, options: options)
    let status = try job.run(output: output, console: console)
    if let activitynet {
      try WholeFile.write((job.activityNet.text + "\n").utf8, to: FilePath(argument: activitynet))
    }
    return status
  }
}
