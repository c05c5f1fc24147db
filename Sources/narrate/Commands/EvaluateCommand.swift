import ArgumentParser
import Compute
import Datasets
import Files
import Foundation
import Language
import Models
import Narration
import Reports
import Training

/// `narrate evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Score captions: BLEU, ROUGE-L and CIDEr-D, equal to pycocoevalcap's, and what nobody saw.",
    discussion: """
      Either captions in a file against references in a file, or, with --data, a model's captions of a data folder's \
      pictures, made now. pycocoevalcap prints CIDEr-D under the name CIDEr; CIDEr-original is its first form, without \
      clipping and length penalty. Every image needs exactly one caption.

      Of what is said and nobody saw: CHAIRs, the share of captions that name a thing which no reference names; CHAIRi, \
      the share of such words among those that name things; things, words a caption that name things; coverage, where most \
      references name the same thing, the share of captions that name it; wrong-sex, of the times that captions speak of \
      men or women, those where the references speak of the others alone; unsupported-color, of the colors named, those \
      that no reference names.

      With --bleu, references and candidates are texts with a translation a line, and the scores are those of sacrebleu: \
      BLEU with its tokenizer 13a, and chrF.
      """)

  @Option(
    help: ArgumentHelp(
      "captions.tsv, COCO captions or a Karpathy split, told apart by their contents; - is standard input, as for the other files.",
      valueName: "file"),
    completion: .file())
  var references: String?

  @Option(
    help: ArgumentHelp(
      "COCO results ([{\"image_id\": …, \"caption\": …}]) or what narrate caption prints as jsonl or json.",
      valueName: "file"), completion: .file())
  var candidates: String?

  @Option(
    help: ArgumentHelp("A data folder, whose pictures are captioned with the model.", valueName: "dir"),
    completion: .directory)
  var data: String?

  @Option(
    help: ArgumentHelp(
      "A folder of clips (labels.tsv): how well each detector finds the shots of videos made of its val clips.",
      valueName: "dir"),
    completion: .directory)
  var shots: String?

  @Option(
    help: ArgumentHelp("A shot model's folder, for --shots. Default: found as --model is.", valueName: "dir"),
    completion: .directory)
  var shotModel: String?

  @Option(
    help: ArgumentHelp(
      "A folder of sequences with true boxes, as OTB keeps them (NAME/img, NAME/groundtruth_rect.txt): how well a thing is followed from its first box on, as success and precision.",
      valueName: "dir"),
    completion: .directory)
  var track: String?

  @Flag(help: "Score translations, a line each, by BLEU and chrF, equal to sacrebleu's.")
  var bleu = false

  @Option(
    help: ArgumentHelp(
      "Only the images of this split. Default: all those of --references, val of --data.", valueName: "name"))
  var split: String?

  @Option(
    help: ArgumentHelp(
      "Where the captions made for --data are kept. Default: MODEL-SPLIT.jsonl in this folder.",
      valueName: "file"),
    completion: .file())
  var saveCandidates: String?

  @Option(help: ArgumentHelp("Beam width for --data, 1 to 64; 1 is greedy. Default: 3.", valueName: "n"))
  var beam: Int?

  @Option(
    help: ArgumentHelp(
      "Whose way of writing to follow for --data, where the model has learned several. Default: its first.",
      valueName: "name"))
  var style: String?

  @Flag(help: "Score people too: each reference against the others of its image.")
  var human = false

  @Option(
    help: ArgumentHelp("Each image's own scores, one JSON object a line.", valueName: "file"),
    completion: .file())
  var perImage: String?

  @Option(
    help: ArgumentHelp(
      "CIDEr's document frequencies from a saved table. Default: those of the references.", valueName: "file"),
    completion: .file())
  var documentFrequencies: String?

  @Option(
    help: ArgumentHelp("Save the references' document frequencies as a table.", valueName: "file"),
    completion: .file())
  var saveDocumentFrequencies: String?

  @Option(
    help: ArgumentHelp(
      "The things that captions are checked for and their words, a thing a line (hot dog: hot dog, sausage). Default: those of COCO.",
      valueName: "file"), completion: .file())
  var objects: String?

  @Option(help: ArgumentHelp("How scores are printed.", valueName: "format"))
  var format: InfoFormat = .text

  @OptionGroup var model: ModelOptions
  @OptionGroup var wording: PeopleOptions
  @OptionGroup var numbers: PrecisionOptions
  @OptionGroup var running: RunOptions

  func validate() throws {
    if let beam { try check(beam, in: 1...64, "--beam") }
    guard shots == nil || (data == nil && references == nil && candidates == nil) else {
      throw ValidationError("--shots brings its own videos: leave out what is about captions.")
    }
    guard track == nil || (shots == nil && data == nil && references == nil && candidates == nil && !bleu)
    else {
      throw ValidationError("--track brings its own videos: leave out what is about captions and shots.")
    }
    guard track != nil || shots != nil || data != nil || (references != nil && candidates != nil) else {
      throw ValidationError(
        "Name --references and --candidates, --data for a model's captions, --shots or --track.")
    }
    guard data == nil || (references == nil && candidates == nil) else {
      throw ValidationError("--data brings its own references and candidates: leave the other two out.")
    }
    let ofData = [
      ("--beam", beam != nil), ("--style", style != nil), ("--people", wording.people != nil),
      ("--save-candidates", saveCandidates != nil),
    ]
    if let (option, _) = ofData.first(where: \.1), data == nil {
      throw ValidationError("\(option) is about the captions that --data makes.")
    }
    let ofCaptions = [
      ("--split", split != nil), ("--human", human), ("--per-image", perImage != nil),
      ("--document-frequencies", documentFrequencies != nil),
      ("--save-document-frequencies", saveDocumentFrequencies != nil), ("--objects", objects != nil),
    ]
    if let (option, _) = ofCaptions.first(where: \.1), bleu {
      throw ValidationError("\(option) is about captions, not about --bleu.")
    }
    guard !bleu || (data == nil && shots == nil) else {
      throw ValidationError("--bleu takes --references and --candidates.")
    }
    if let (option, _) = ofCaptions.first(where: \.1), shots != nil || track != nil {
      throw ValidationError("\(option) is about captions, not about --\(shots != nil ? "shots" : "track").")
    }
    guard shotModel == nil || shots != nil else { throw ValidationError("--shot-model goes with --shots.") }
  }

  func run() throws {
    Interruption.install()
    let console = Console(running.progress)
    ConsoleLog.start(console, isVerbose: running.verbose)
    try RunStatus.exit(reportingTo: console) { try evaluate(console) }
  }

  private func evaluate(_ console: Console) throws -> RunStatus {
    // Pipes are read at once, since files are looked at more than once.
    let spools = Spools()
    var named: [String: String] = [:]
    func readable(_ path: String?) throws -> String? {
      try path.map { path in
        let place = try spools.path(path)
        named[place] = path
        return place
      }
    }
    try checkOutputs(
      candidates: saveCandidates,
      reading: [references, candidates].compactMap { $0 }.map(GivenPath.init(argument:)))
    var command = self
    do {
      command.references = try readable(references)
      command.candidates = try readable(candidates)
      command.documentFrequencies = try readable(documentFrequencies)
      command.objects = try readable(objects)
      return try withExtendedLifetime(spools) { try command.score(console) }
    } catch let error as DataError {
      throw DataError(
        error.kind, path: named[error.path] ?? error.path, location: error.location, reason: error.reason)
    }
  }

  private func score(_ console: Console) throws -> RunStatus {
    if let shots { return try ShotEvaluation(folder: shots, model: shotModel, format).run(running, console) }
    if let track {
      return try TrackEvaluation(folder: track, model: model.folder(kind: .caption), format: format)
        .run(running, console)
    }
    if bleu { return try TranslationEvaluation(references ?? "", candidates ?? "").show(format) }
    let table = try documentFrequencies.map { try DocumentFrequencies(contentsOf: $0) }
    let objects = try objects.map { try ObjectWords(contentsOf: $0) } ?? .english
    let (examples, source, file) = try data.map { try captioned($0, console) } ?? given()
    if human, let single = examples.first(where: { $0.captions.count < 2 }) {
      throw DataError(
        .damaged, path: source, reason: "\(single.id) has one caption; --human needs two or more an image")
    }
    let evaluation = try CaptionEvaluation(
      examples, CaptionCandidates(contentsOf: URL(fileURLWithPath: file)), references: source)
    let report = EvaluationReport(evaluation, frequencies: table, objects: objects, human: human)
    if let perImage { try WholeFile.write(report.lines, to: GivenPath(argument: perImage)) }
    if let saveDocumentFrequencies {
      let counted = DocumentFrequencies(CaptionEvaluation.words(examples))
      try WholeFile.write(counted.encoded, to: GivenPath(argument: saveDocumentFrequencies))
    }
    try ResultOutput(path: nil).write(Array((format == .json ? report.json.text + "\n" : report.text).utf8))
    return .success
  }

  /// That nothing is written over which is read.
  /// - Parameter candidates: where captions are written that are made now
  private func checkOutputs(
    candidates: String? = nil, reading inputs: [GivenPath], models: [URL] = []
  ) throws {
    var outputs = Outputs()
    for (option, place) in [
      ("--save-candidates", candidates), ("--per-image", perImage),
      ("--save-document-frequencies", saveDocumentFrequencies),
    ] { outputs.add(file: place.map(GivenPath.init(argument:)), option) }
    let tables = [documentFrequencies, objects].compactMap { $0 }.map { GivenPath($0) }
    try outputs.check(reading: inputs + tables, models: models)
  }

  /// The references and candidates that are there.
  private func given() throws -> ([CaptionDataset.Example], String, String) {
    let references = references ?? ""
    let dataset = try CaptionDataset(references: URL(fileURLWithPath: references))
    let candidates = candidates ?? ""
    try checkOutputs(reading: [GivenPath(dataset.path), GivenPath(candidates)])
    return (try dataset.captions(in: split), dataset.path, candidates)
  }

  /// A picture, a video, or a clip by its frames.
  private static func input(_ example: CaptionDataset.Example) -> Input {
    example.files.count == 1 && example.files[0].hasSuffix(example.id)
      ? Input(GivenPath(example.files[0]))
      : Input(GivenPath(example.id), frames: example.files.map { GivenPath($0) })
  }

  /// Captions a data folder's pictures into a file of candidates.
  private func captioned(_ folder: String, _ console: Console) throws -> (
    [CaptionDataset.Example], String, String
  ) {
    let dataset = try CaptionDataset(at: URL(fileURLWithPath: folder))
    let split = split ?? "val"
    let examples = try dataset.examples(in: split)
    let model = try model.folder(kind: .caption)
    let file = saveCandidates ?? "\(model.standardizedFileURL.lastPathComponent)-\(split).jsonl"
    let inputs = examples.map { Self.input($0) }
    try checkOutputs(
      candidates: file, reading: inputs.flatMap(\.files) + [GivenPath(dataset.path)], models: [model])
    let output = try ResultOutput(path: GivenPath(argument: file))
    var options = CaptionOptions()
    if let beam { options.beamWidth = beam }
    options.style = style
    if let people = wording.people { options.people = people }
    var settings = PictureDescriber.Settings()
    settings.options = options
    settings.precision = numbers.precision
    let pool = try PictureDescriber.pool(
      model: model, threads: running.threads ?? availableCores(), inputs: inputs, settings)
    let job = CaptionJob(
      inputs: inputs, writer: CaptionWriter(.jsonl, showsPaths: true), workers: pool.map { $0.describe })
    let status = try job.run(output: output, console: console)
    // What failed has been told, one line each; a score over the rest would be another score.
    if status != .success { throw status }
    console.report("captions kept in \(file)")
    return (examples, dataset.path, file)
  }
}
