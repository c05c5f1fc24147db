import ArgumentParser
import Compute
import Files
import Foundation
import Models
import Reports
import Tracking

/// `narrate track`.
struct TrackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "track",
    abstract: "Follow things through a video, from a box around each in one frame.",
    discussion: """
      Prints a line a frame: frame (the first is 0), time in seconds, left, top, width and height in pixels, confidence, and \
      whether it is lost (1); of several things a line for each with its name at the end. What is lost is where it was last, \
      and is looked for all over the picture. A path of - is standard input.
      """)

  @Argument(help: ArgumentHelp("A video.", valueName: "video"), completion: .file())
  var path: String

  @Option(
    help: ArgumentHelp("Left, top, width and height in pixels; once for each thing.", valueName: "x,y,w,h"))
  var box: [BoxArgument] = []

  @Option(
    help: ArgumentHelp(
      "The frame that the boxes are in, by its time in seconds. Default: the first.", valueName: "seconds"))
  var at: Double?

  @Option(
    help: ArgumentHelp(
      "What a thing is called; once for each box, in their order. Default: 1, 2, …", valueName: "name"))
  var name: [String] = []

  @Option(help: ArgumentHelp("text, json or mot (MOT's CSV).", valueName: "format"))
  var format: TrackFormat = .text

  @Option(
    name: [.long, .short], help: ArgumentHelp("Where to write. Default: standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup var model: ModelOptions
  @OptionGroup var decoding: SandboxOptions
  @OptionGroup var running: RunOptions

  func validate() throws {
    guard !path.isEmpty else { throw ValidationError("A path is empty.") }
    guard !box.isEmpty else { throw ValidationError("Nothing to follow: put a --box x,y,w,h around it.") }
    guard name.isEmpty || name.count == box.count else {
      throw ValidationError("--name is given \(name.count) times, and --box \(box.count) times.")
    }
    if let at, !(at.isFinite && at >= 0) { throw ValidationError("--at takes seconds from 0 on, not \(at).") }
  }

  func run() throws {
    Interruption.install()
    let console = Console(running.progress)
    ConsoleLog.start(console, isVerbose: running.verbose)
    try RunStatus.exit(reportingTo: console) { try follow(console) }
  }

  private func follow(_ console: Console) throws -> RunStatus {
    try decoding.start()
    let folder = try model.folder(kind: .caption)
    let (video, file) = (GivenPath(argument: path), output.map(GivenPath.init(argument:)))
    var outputs = Outputs()
    outputs.add(file: file, "--output")
    try outputs.check(reading: [video], models: [folder])
    let job = TrackJob(
      video: video, boxes: box.map(\.box), names: name, start: at, format: format,
      threads: running.threads ?? availableCores(), model: folder)
    return try job.run(output: ResultOutput(path: file), console: console)
  }
}
