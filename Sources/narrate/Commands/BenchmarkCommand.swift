import ArgumentParser
import Compute
import Foundation
import Models
import Narration
import Reports

/// `narrate benchmark`.
struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "How long each stage of captioning takes on this machine.",
    discussion: """
      Captions the pictures one at a time, several rounds, and prints the median of each stage; then all of them side by side, \
      as caption --recursive does. Loading and the first round are not counted; the time to the first caption is that of this \
      process. At the end stands what the encoder and the decoder would take at the machine's best, measured.
      """)

  @Argument(help: ArgumentHelp("Pictures.", valueName: "path"), completion: .file())
  var paths: [String] = []

  @Option(
    help: ArgumentHelp(
      "A video instead: decoding all of its frames, finding its shots, labelling and summarizing it. --model is the labeller.",
      valueName: "file"),
    completion: .file())
  var video: String?

  @Option(
    help: ArgumentHelp(
      "Beam width, 1 to 64; may be given several times. Default: 1, 3 and 5.", valueName: "n"))
  var beam: [Int] = []

  @Option(help: ArgumentHelp("Rounds over the pictures, 1 to 1000.", valueName: "n"))
  var rounds = 5

  @Option(help: ArgumentHelp("text or json.", valueName: "format"))
  var format: InfoFormat = .text

  @OptionGroup var model: ModelOptions
  @OptionGroup var numbers: PrecisionOptions
  @OptionGroup var running: RunOptions

  func validate() throws {
    guard paths.isEmpty != (video == nil) else { throw ValidationError("Name pictures, or --video.") }
    for beam in beam { try check(beam, in: 1...64, "--beam") }
    try check(rounds, in: 1...1000, "--rounds")
  }

  func run() throws {
    Interruption.install()
    let console = Console(running.progress)
    ConsoleLog.start(console, isVerbose: running.verbose)
    try RunStatus.exit(reportingTo: console) {
      if let video {
        let threads = running.threads ?? availableCores()
        let benchmark = VideoBenchmark(
          path: video, labels: try model.folder(kind: .label),
          captions: try ModelLibrary.usual(kind: .caption),
          shots: try ModelLibrary.usual(kind: .shots), threads: threads)
        try ResultOutput(path: nil).write(Array(try benchmark.run(rounds: rounds, format).utf8))
        return .success
      }
      let benchmark = try Benchmark(
        model: model.folder(kind: .caption), threads: running.threads ?? availableCores(),
        precision: numbers.precision, beams: beam.isEmpty ? [1, 3, 5] : beam)
      let report = try benchmark.run(paths, rounds: rounds)
      try ResultOutput(path: nil).write(
        Array((format == .json ? report.json.text : report.text).utf8) + [0x0a])
      return .success
    }
  }
}
