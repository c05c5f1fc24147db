import ArgumentParser
import Compute
import Drawing
import Files
import Models
import Narration
import Reports

extension CaptionFormat: ExpressibleByArgument {}
extension TimeOrigin: ExpressibleByArgument {}

/// `narrate caption`.
struct CaptionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "caption",
    abstract: "A sentence for each picture or clip.",
    discussion: """
      Reads JPEG, PNG, WebP, HEIC, AVIF, TIFF, GIF, BMP, JPEG XL, JPEG 2000, PSD, TGA, PNM, PCX, SGI and ICO, the previews in \
      cameras' raw files, and the videos that FFmpeg decodes, of which it looks at a few frames: by what a file is, whatever its \
      name. Orientation and color profile are applied, and a high dynamic range is mapped to a screen's. \
      A path of - is standard input; pipes are read to their end \
      first, into a file without a name in $TMPDIR.

      Where the model was calibrated (narrate calibrate confidence), a caption's confidence is the probability that it is right, \
      and one that is hardly so begins with "unsure: " and ends with what an ImageNet classifier takes the picture for: \
      "unsure: CAPTION; perhaps: TAG, TAG". In JSON such a caption has the field "tags", in CSV the columns "unsure" and "tags" say so, in \
      subtitles it begins with "perhaps ".
      """)

  @Argument(
    help: ArgumentHelp("Pictures, videos, or folders with --recursive.", valueName: "path"),
    completion: .file())
  var paths: [String] = []

  @Flag(name: [.long, .short], help: "Caption the pictures and videos in folders and below, sorted by name.")
  var recursive = false

  @Option(help: ArgumentHelp("Beam width, 1 to 64; 1 is greedy.", valueName: "n"))
  var beam = CaptionOptions().beamWidth

  @Option(
    help: ArgumentHelp(
      "Captions a picture, best first, 1 to 64. Widens a beam that is narrower.", valueName: "n"))
  var top = 1

  @Option(help: ArgumentHelp("The longest caption, in words, 1 to 200.", valueName: "n"))
  var maxWords = 20

  @Option(
    help: ArgumentHelp("A caption every S seconds of a video, instead of one for the clip.", valueName: "s"))
  var every: Double?

  @Option(
    help: ArgumentHelp(
      "Whose way of writing to follow, where the model has learned several. Default: its first.",
      valueName: "name"))
  var style: String?

  @Option(
    name: .customLong("format"),
    help: ArgumentHelp(
      "text: one line a caption, PATH<tab>CAPTION (just the caption when there is one input), with --every the times before "
        + "it. vtt and srt: subtitles of one video. Default: text; with --resume and --stdin jsonl, and no other.",
      valueName: "format"))
  var givenFormat: CaptionFormat?
  var format: CaptionFormat { givenFormat ?? (resuming.resume || many.stdin ? .jsonl : .text) }

  @Flag(
    help:
      "End the lines of text with a NUL instead of a line end; names then stand as they are, which else are escaped."
  )
  var null = false

  @Option(
    help: ArgumentHelp(
      "What a video's times begin with: file, its own presentation times, or zero, its first frame. Default: zero for vtt and srt, "
        + "which players show by it, file for the others.", valueName: "origin"))
  var times: TimeOrigin?

  @Option(
    help: ArgumentHelp(
      "For each picture a PNG strip: the picture with the attention of each word over it, a clip's frames side by side. "
        + "What is there and no strip stays, and the strip's name then ends in -2.",
      valueName: "dir"),
    completion: .directory)
  var attention: String?

  @Option(
    name: [.long, .short], help: ArgumentHelp("A file instead of standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  @Flag(help: "Take pictures as they are stored, not as EXIF says to turn them.")
  var ignoreOrientation = false

  @Flag(
    help: ArgumentHelp(
      "Refuse pictures that are cut off or damaged. Without it, what can be seen is captioned where that is at least half, with a "
        + "warning, and \"damaged\": true in JSON."))
  var strict = false

  @OptionGroup var metadata: MetadataOptions
  @OptionGroup var resuming: ResumeOptions
  @OptionGroup var many: ManyOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var wording: PeopleOptions
  @OptionGroup var telling: LanguageOptions
  @OptionGroup var numbers: PrecisionOptions
  @OptionGroup var decoding: SandboxOptions
  @OptionGroup var running: RunOptions

  func validate() throws {
    try checkMany()
    guard !paths.isEmpty || many.stdin else {
      throw ValidationError("Nothing to caption: name at least one picture.")
    }
    guard !paths.contains("") else { throw ValidationError("A path is empty.") }
    try check(beam, in: CaptionOptions.beamWidths, "--beam")
    try check(top, in: CaptionOptions.tops, "--top")
    try check(maxWords, in: CaptionOptions.lengths, "--max-words")
    if let every, !CaptionOptions.stretches.contains(every) {
      throw ValidationError("--every takes 0.1 to 86400 seconds.")
    }
    if format.isSubtitles, paths.count > 1 || recursive {
      throw ValidationError("--format \(format.rawValue) takes one video.")
    }
    if null, format != .text { throw ValidationError("--null goes with --format text.") }
    if every != nil, attention != nil {
      throw ValidationError("--attention shows one caption of a clip; leave out --every.")
    }
    if metadata.files != nil, every != nil || paths.contains("-") {
      throw ValidationError(
        "--sidecar and --txt have one caption of a file; leave out \(every != nil ? "--every" : "-").")
    }
  }

  func run() throws {
    Interruption.install()
    let console = Console(running.progress)
    ConsoleLog.start(console, isVerbose: running.verbose)
    try RunStatus.exit(reportingTo: console) {
      if resuming.dryRun { return try rehearse(console) }
      try decoding.start()
      if many.stdin { return try answer(console) }
      if resuming.resume, let output { return try resume(to: GivenPath(argument: output), console) }
      return try caption(console)
    }
  }

  private func caption(_ console: Console) throws -> RunStatus {
    let named = paths.map(GivenPath.init(argument:))
    let found = Result { try model.folder(kind: .caption) }
    let all = console.find(named, recursive: recursive, .picturesAndVideos)
    let inputs = many.shard?.part(of: all, threads: threads) ?? all
    var outputs = Outputs()
    let place = output.map(GivenPath.init(argument:))
    outputs.add(file: place, "--output")
    let files = metadata.files
    if let files { outputs.add(beside: inputs.map { files.places(of: $0.path) }, "--sidecar or --txt") }
    try outputs.check(reading: inputs.flatMap(\.files), models: found.model)
    // What fails on its own comes before what takes time.
    let output = try ResultOutput(path: place)
    let folder = try found.get()
    let strips = try attention.map { folder in
      try Drawing.prepare()
      return try AttentionFolder(GivenPath(argument: folder), inputs: inputs.map(\.path))
    }
    let pool = try PictureDescriber.pool(
      model: folder, threads: threads, inputs: inputs, settings(drawsAttention: strips != nil))
    let showsPaths = named.count > 1 || named[0].location.isFolder
    let job = CaptionJob(
      inputs: inputs,
      writer: CaptionWriter(
        format, showsPaths: showsPaths, showsTimes: every != nil, isNullTerminated: null, origin: times),
      attention: strips, metadata: files, workers: pool.map { $0.describe })
    return try job.run(output: output, console: console)
  }

  func settings(drawsAttention: Bool) -> PictureDescriber.Settings {
    var settings = PictureDescriber.Settings()
    settings.options = options
    (settings.ignoresOrientation, settings.every) = (ignoreOrientation, every)
    (settings.wantsTimes, settings.drawsAttention) = (format.isSubtitles, drawsAttention)
    settings.precision = numbers.precision
    settings.progress = { _, _ in try Interruption.check() }
    return settings
  }

  private var options: CaptionOptions {
    var options = CaptionOptions()
    options.beamWidth = max(beam, top)
    options.top = top
    options.maximumWords = maxWords
    options.style = style
    options.acceptsDamage = !strict
    options.language = telling.language
    if let people = wording.people { options.people = people }
    return options
  }
}
