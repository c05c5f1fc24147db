import ArgumentParser
import Files
import Narration

/// `narrate caption`.
struct CaptionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "caption",
    abstract: "A sentence for each picture.",
    discussion: """
      Reads JPEG, PNG, WebP, BMP, TIFF and GIF, whatever the file's name, and of a clip the first frame; EXIF \
      orientation is applied. \
      A path of - is standard input.
      """)

  @Argument(
    help: ArgumentHelp("Pictures, or folders with --recursive.", valueName: "path"), completion: .file())
  var paths: [String] = []

  @Flag(name: [.long, .short], help: "Caption the pictures in folders and below, sorted by name.")
  var recursive = false

  @Option(help: ArgumentHelp("Beam width, 1 to 64; 1 is greedy.", valueName: "n"))
  var beam = 3

  @Option(
    help: ArgumentHelp(
      "Captions a picture, best first, 1 to 64. Widens a beam that is narrower.", valueName: "n"))
  var top = 1

  @Option(help: ArgumentHelp("The longest caption, in words, 1 to 200.", valueName: "n"))
  var maxWords = 20

  @Option(
    help: ArgumentHelp(
      "text: one line a caption, PATH<tab>CAPTION (just the caption when there is one input).",
      valueName: "format"))
  var format: CaptionFormat = .text

  @Option(
    help: ArgumentHelp(
      "For each picture a PNG strip: the picture with the attention of each word over it.", valueName: "dir"),
    completion: .directory)
  var attention: String?

  @Option(
    name: [.long, .short], help: ArgumentHelp("A file instead of standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  @Flag(help: "Take pictures as they are stored, not as EXIF says to turn them.")
  var ignoreOrientation = false

  @OptionGroup var model: ModelOptions
  @OptionGroup var running: RunOptions

  func validate() throws {
    guard !paths.isEmpty else { throw ValidationError("Nothing to caption: name at least one picture.") }
    guard !paths.contains("") else { throw ValidationError("A path is empty.") }
    try check(beam, in: 1...64, "--beam")
    try check(top, in: 1...64, "--top")
    try check(maxWords, in: 1...200, "--max-words")
  }

  func run() throws {
    Interruption.install()
    let console = Console(running.progress)
    ConsoleLog.start(console, isVerbose: running.verbose)
    try RunStatus.exit(reportingTo: console) { try caption(console) }
  }

  private func caption(_ console: Console) throws -> RunStatus {
    let named = paths.map(FilePath.init(argument:))
    // What fails on its own comes before what takes time.
    let output = try ResultOutput(path: output.map(FilePath.init(argument:)))
    let folder = try model.folder(kind: "caption")
    let inputs = Inputs.find(named, recursive: recursive)
    let strips = try attention.map {
      try AttentionFolder(FilePath(argument: $0), inputs: inputs.map(\.path))
    }
    let describer = try PictureDescriber(
      model: folder, threads: running.threads ?? availableCores(), options: options,
      ignoresOrientation: ignoreOrientation, attention: strips)
    let showsPaths = named.count > 1 || named[0].isFolder
    let job = CaptionJob(
      inputs: inputs, writer: CaptionWriter(format, showsPaths: showsPaths), describe: describer.describe)
    return try job.run(output: output, console: console)
  }

  private var options: CaptionOptions {
    var options = CaptionOptions()
    options.beamWidth = max(beam, top)
    options.top = top
    options.maximumWords = maxWords
    return options
  }
}
