import ArgumentParser
import Compute
import Files
import Foundation
import Models
import Narration
import Reports

/// `narrate shots`.
struct ShotsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shots",
    abstract: "Where the shots of videos begin and end, for people and for editing programs.",
    discussion: """
      Prints a line a shot as it is found: start, end, how it begins (start, cut, dissolve, fade, wipe) and how sure that is; of \
      several videos the path before them. Times are the file's own presentation times. A path of - is standard input.

      With --export, files for other programs are written, as NAME.KIND: NAME.edl, .fcpxml, .otio, .xml, .csv, .ffmetadata, \
      .markers.edl, .matroska.xml, .youtube.txt, .chapters.xml (jellyfin), and .trickplay.vtt with .trickplay-N.jpg. Timelines begin \
      with an hour (01:00:00:00), sources with the file's timecode. Where a frame rate varies, formats that count frames get the \
      nearest ones, and a warning is given.
      """)

  @Argument(
    help: ArgumentHelp("Videos, or folders with --recursive.", valueName: "video"), completion: .file())
  var paths: [String] = []

  @Flag(name: [.long, .short], help: "The videos in folders and below, sorted by name.")
  var recursive = false

  @Option(help: ArgumentHelp("text, json or jsonl.", valueName: "format"))
  var format: ActionFormat = .text

  @OptionGroup var exports: ExportOptions

  @Option(
    name: [.long, .short],
    help: ArgumentHelp("The folder for --export. Default: beside each video.", valueName: "dir"),
    completion: .directory)
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Cut each video into its shots, without encoding: at the nearest key frames, and say how far off each cut is. A file a piece in this folder.",
      valueName: "dir"), completion: .directory)
  var split: String?

  @Flag(help: "Replace exports that are beside a video already.")
  var force = false

  @Option(
    help: ArgumentHelp(
      "What the times of chapters begin with: zero, the video's first frame, or file.", valueName: "origin"))
  var times: TimeOrigin = .zero

  @Option(
    help: ArgumentHelp("How shots are found: by a network, or by adaptive thresholds.", valueName: "name"))
  var detector: ShotDetection = .network

  @OptionGroup var model: ModelOptions
  @OptionGroup var decoding: SandboxOptions
  @OptionGroup var running: RunOptions

  func validate() throws {
    guard !paths.isEmpty else { throw ValidationError("Nothing to look at: name at least one video.") }
    guard !paths.contains("") else { throw ValidationError("A path is empty.") }
    if exports.transcript != nil, paths.count != 1 || recursive {
      throw ValidationError("--transcript takes one video.")
    }
    if output != nil, exports.kinds.isEmpty { throw ValidationError("--output is for --export.") }
    if !exports.kinds.isEmpty, output == nil, paths.contains("-") {
      throw ValidationError("--export of standard input takes --output.")
    }
    if split != nil, decoding.sandbox { throw ValidationError("--split does not go with --sandbox.") }
  }

  func run() throws {
    Interruption.install()
    let console = Console(running.progress)
    ConsoleLog.start(console, isVerbose: running.verbose)
    try RunStatus.exit(reportingTo: console) { try find(console) }
  }

  private func find(_ console: Console) throws -> RunStatus {
    try decoding.start()
    let found = Result { detector == .adaptive ? nil : try model.folder(kind: .shots) }
    let inputs = console.find(paths.map(GivenPath.init(argument:)), recursive: recursive, .video)
    let places = ExportPlaces(folder: output.map(GivenPath.init(argument:)), kinds: exports.kinds)
    let pieces = split.map(GivenPath.init(argument:))
    var outputs = Outputs()
    for input in inputs where input.failure == nil {
      for place in places.all(of: input.path) { outputs.add(file: place, "--export") }
    }
    if let pieces { outputs.add(folder: pieces, "--split") }
    let words = exports.transcript.map { [GivenPath(argument: $0)] } ?? []
    try outputs.check(
      reading: inputs.flatMap(\.files) + words, models: (try? found.get()).flatMap { $0.map { [$0] } } ?? [])
    let transcript = try exports.readTranscript(console)
    if !force, let place = places.taken(inputs.filter { $0.failure == nil }.map(\.path)) {
      console.report("\(place.text): exists; --force replaces it")
      return .inputOutputError
    }
    for folder in [output.map(GivenPath.init(argument:)), pieces] { try folder?.location.makeFolder() }
    var job = ShotsJob(
      inputs: inputs, format: format,
      finder: try ShotEngine(model: try found.get(), threads: running.threads ?? availableCores()))
    (job.places, job.pieces, job.transcript) = (places, pieces, transcript)
    (job.chapters, job.origin) = (exports.maxChapters, times)
    return try job.run(output: ResultOutput(path: nil), console: console)
  }
}
