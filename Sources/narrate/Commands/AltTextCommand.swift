import ArgumentParser
import Compute
import Files
import Metadata
import Models
import Narration

/// `narrate alt-text`.
struct AltTextCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alt-text",
    abstract: "Fills missing alternative texts in HTML and Markdown.",
    discussion: """
      Each picture of a page that lies on this machine and has no alternative text gets its caption for one. All other bytes of \
      the page stay as they are, and the page as it was is kept beside it as PAGE.bak. In HTML, alt="" is an author's word \
      that a picture says nothing, and stays. What is written is printed, a line a picture: PAGE:LINE<tab>PICTURE<tab>TEXT. \
      A page that is - comes from standard input, and goes to standard output.

      A caption that the model is unsure of begins with "perhaps". Look the texts over: half of all captions have a mistake.
      """)

  @Argument(help: ArgumentHelp("Pages: HTML or Markdown.", valueName: "file"), completion: .file())
  var pages: [String] = []

  @Flag(
    help:
      "Write nothing; list doubtful texts: missing ones, names of files, \"image of\", over 150 characters, doubled. Exit status 1 if there are any."
  )
  var check = false

  @Flag(help: "Write nothing; show what would change, as diff -u does.")
  var dryRun = false

  @Flag(help: "Fill alt=\"\", too.")
  var decorativeToo = false

  @Flag(help: "Leave out pictures whose caption the model is unsure of.")
  var sureOnly = false

  @Flag(inversion: .prefixedNo, help: "Keep the page as it was beside it.")
  var backup = true

  @Option(
    help: ArgumentHelp("The folder that addresses begin in which begin with a slash.", valueName: "dir"),
    completion: .directory)
  var root: String?

  @Option(
    help: ArgumentHelp(
      "The longest text, in characters; what is longer ends after a whole word.", valueName: "n"))
  var maxLength = 125

  @OptionGroup var model: ModelOptions
  @OptionGroup var wording: PeopleOptions
  @OptionGroup var telling: LanguageOptions
  @OptionGroup var numbers: PrecisionOptions
  @OptionGroup var running: RunOptions

  func validate() throws {
    guard !pages.isEmpty else { throw ValidationError("Name at least one page.") }
    guard !pages.contains("") else { throw ValidationError("A path is empty.") }
    if check, dryRun { throw ValidationError("--check writes nothing anyway; leave out --dry-run.") }
    try narrate.check(maxLength, in: 20...10_000, "--max-length")
  }

  func run() throws {
    Interruption.install()
    let console = Console(running.progress)
    ConsoleLog.start(console, isVerbose: running.verbose)
    try RunStatus.exit(reportingTo: console) {
      let job = AltTextJob(
        pages: pages.map(GivenPath.init(argument:)), root: root.map(GivenPath.init(argument:)),
        fillsDecorative: decorativeToo, leavesUnsure: sureOnly, backsUp: backup, isDryRun: dryRun,
        wording: CaptionWording(maximumLength: maxLength))
      return check ? try job.check(console) : try job.fill(console, describing: describe)
    }
  }

  /// The captions of pictures, in their order.
  private func describe(_ inputs: [Input], _ receive: (Input, PictureDescriber.Outcome) throws -> Void) throws
  {
    var settings = PictureDescriber.Settings()
    if let people = wording.people { settings.options.people = people }
    settings.options.language = telling.language
    settings.precision = numbers.precision
    settings.progress = { _, _ in try Interruption.check() }
    let pool = try PictureDescriber.pool(
      model: model.folder(kind: .caption), threads: running.threads ?? availableCores(), inputs: inputs,
      settings)
    try parallelStream(
      CaptionJob.batches(inputs, workers: pool.count), by: pool.map { $0.describe },
      check: { try Interruption.check() }, work: { describe, inputs in try describe(inputs) },
      receive: { inputs, outcomes in
        for (input, outcome) in zip(inputs, outcomes) { try receive(input, outcome) }
      })
  }
}
