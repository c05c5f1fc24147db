import Compute
import Foundation
import Language
import Media
import Models
import Networks
import Tensors

/// Captions images and clips with one model folder, on the thread that calls: what a `Captioner` has for each of its threads.
/// Not thread-safe.
package final class CaptionEngine {
  /// The model folder's name, such as `caption-everyday`.
  package let name: String
  /// Side, in pixels, of the square picture that the encoder sees. A picture need not be decoded larger.
  package var inputSize: Int { network.inputSize }
  /// Pixels that both sides of a decoded picture should have.
  package var decodingSide: Int { network.decodingSide }
  /// Rows and columns of the encoder's grid of features.
  package var grid: Grid { network.grid }
  /// Features of each position.
  var channels: Int { network.channels }
  /// Frames of a clip that it looks at for a sentence; 1 for a model that has learned photographs alone.
  package var framesPerClip: Int { network.framesPerClip }
  /// Captions less sure than this are unsure; nil where the model was not calibrated.
  package var sureConfidence: Double? { confidenceModel?.file.threshold }
  /// Ways of writing that the model has learned, named after the data sets that they are of; the first is its own. Empty where
  /// it knows one.
  package var styles: [String] { network.styles }
  /// Images whose captions can be searched at once: with more, the weights are no longer what bounds it.
  package static let batch = 4
  /// How many of so many images to search at once, few enough that all workers have some to the end.
  package static func batch(of images: Int, workers: Int) -> Int {
    max(1, min(batch, images / (2 * workers)))
  }
  /// Languages that captions can be told in.
  var languages: [CaptionLanguage] { translators.languages }
  /// The numbers that the encoder calculates in; never `auto`.
  package var precision: Precision { network.precision }
  private let network: any CaptionNetwork
  private let team: ThreadTeam
  package var weightsPath: String { network.weightsPath }
  let reranker: CaptionReranker?
  let confidenceModel: ConfidenceModel?
  let detector: FoundWords?
  let conceptWords: ConceptWords?
  /// Where a caption's words are looked up that is held against what was detected; nil for an imported model.
  let vocabulary: Vocabulary?
  /// The detector's memory.
  let arena = Arena()
  /// Files of the model's folder that captions are made without, being about other weights or of another version;
  /// `narrate calibrate` makes them anew.
  package let skippedFiles: [URL]
  private var generator: (any CaptionSearch)?
  private let translators: CaptionTranslators
  private var translator: (language: CaptionLanguage, engine: TranslationEngine)?

  /// Loads a model folder.
  /// - Parameters:
  ///   - threads: cores to use for one picture, 1 to 1024.
  ///   - precision: the numbers that the encoder calculates in.
  /// - Throws: `ModelError` if the folder cannot be used, `PrecisionError` if this CPU cannot calculate so.
  package convenience init(model folder: URL, threads: Int = 1, precision: Precision = .auto) throws {
    try self.init(folder, threads: threads, compilers: threads, precision: precision)
  }

  /// Loads a model folder, whatever it was made by.
  convenience init(_ folder: URL, threads: Int, compilers: Int, precision: Precision) throws {
    try precision.checkCPU()
    let model = try CaptioningModel(contentsOf: folder)
    try self.init(
      model, name: Self.name(folder), threads: threads, compilers: compilers,
      precision: precision.encoder(model, folder), calibrationFiles: CalibrationFiles(of: model, in: folder))
  }

  private static func translators(_ network: any CaptionNetwork) -> CaptionTranslators {
    CaptionTranslators(beside: URL(fileURLWithPath: network.weightsPath).deletingLastPathComponent())
  }

  /// - Parameters:
  ///   - compilers: threads that make the encoder ready; nil is `threads`
  init(
    _ model: CaptioningModel, name: String, threads: Int, compilers: Int?, precision: EncoderPrecision,
    calibrationFiles: CalibrationFiles
  ) throws {
    let threads = usableThreads(threads)
    (reranker, confidenceModel) = (calibrationFiles.reranker, calibrationFiles.confidenceModel)
    skippedFiles = calibrationFiles.skippedFiles
    (self.name, team) = (name, ThreadTeam(threads))
    switch model {
    case .trained(let model):
      network = try TrainedNetwork(
        model, threads: threads, compilers: compilers, precision: precision,
        phrases: calibrationFiles.phrases)
      detector = try model.foundWords()
      conceptWords = detector.map { ConceptWords($0.concepts, model.vocabulary) }
      vocabulary = model.vocabulary
    case .imported(let model):
      network = try ImportedNetwork(
        model, threads: threads, compilers: compilers ?? threads, precision: precision.name)
      (detector, conceptWords, vocabulary) = (nil, nil, nil)
    }
    translators = Self.translators(network)
  }

  private init(_ other: CaptionEngine, _ network: any CaptionNetwork) {
    (name, vocabulary, skippedFiles) = (other.name, other.vocabulary, other.skippedFiles)
    (reranker, confidenceModel) = (other.reranker, other.confidenceModel)
    (detector, conceptWords) = (other.detector, other.conceptWords)
    (self.network, team) = (network, ThreadTeam(network.threads))
    translators = other.translators
  }

  /// Cores that it uses.
  var threads: Int { network.threads }

  /// What a folder's model is called.
  static func name(_ folder: URL) -> String { folder.standardizedFileURL.lastPathComponent }

  /// The same model for another thread. The weights are shared.
  package func copy() throws -> CaptionEngine {
    CaptionEngine(self, try network.copy())
  }

  /// The same model for another number of threads, for which it is made ready anew.
  func recompiled(threads: Int, compilers: Int) throws -> CaptionEngine {
    CaptionEngine(self, try network.recompiled(threads: threads, compilers: compilers))
  }

  /// Captions an image.
  /// - Returns: at least one and at most `options.top` captions, best first.
  /// - Throws: `OptionError` or `StyleError` for an option that cannot be, `ModelError` for damaged weights.
  package func caption(_ image: Image, options: CaptionOptions = CaptionOptions()) throws -> [Caption] {
    try captions(features(of: image), options: options)
  }

  /// Captions a clip by some of its frames, in order of time.
  /// - Returns: at least one and at most `options.top` captions, best first; attention weights frame after frame.
  /// - Throws: `OptionError` or `StyleError` for an option that cannot be or no frames, `ModelError` for damaged weights.
  package func caption(_ frames: [Image], options: CaptionOptions = CaptionOptions()) throws -> [Caption] {
    guard !frames.isEmpty else { throw OptionError(option: "frames", reason: "a clip has at least one") }
    return try features(of: frames).withUnsafeRows(frames.count * network.positions) {
      try captions($0, options: options)
    }
  }

  /// - Returns: [frames * positions, channels]
  private func features(of frames: [Image]) -> [Float] {
    var all: [Float] = []
    all.reserveCapacity(frames.count * network.positions * network.channels)
    for frame in frames { all += [Float](features(of: frame)) }
    return all
  }

  /// What the encoder does for one picture.
  package var encoderWork: WorkCount { network.encoderWork }
  /// What the decoder, the detector and the reranker, if there are any, did for the last picture.
  package var decoderWork: WorkCount {
    let effort = generator?.effort ?? (steps: 0, rows: 0)
    var work = network.decoderWork(steps: effort.steps, rows: effort.rows)
    if let detector { work += detector.detector.work(cells: network.positions) }
    if let reranker { work += reranker.expectation.work }
    return work
  }

  /// Bytes that the decoder's search holds.
  package var searchByteCount: Int { generator?.byteCount ?? 0 }

  /// The first half of captioning: the encoder.
  /// - Returns: [positions, channels], valid until the next call.
  package func features(of image: Image) -> Rows { network.features(ofSquare: network.square(image)) }

  /// The square that the encoder sees, and what it makes of it: `features(of:)` in two steps.
  package func square(_ image: Image) -> Image { network.square(image) }
  package func features(ofSquare square: Image) -> Rows { network.features(ofSquare: square) }

  /// The part of a picture that it looks at, which its grid lies over.
  package func seen(_ image: Image) -> Image { network.seen(image) }

  /// The words of a sentence that was found.
  func words(_ result: CaptionGenerator.Result) -> [Caption.Word] { network.words(result) }

  /// The second half: the decoder and the beam.
  /// - Parameter features: [frames * positions, channels]
  package func captions(_ features: Rows, options: CaptionOptions) throws -> [Caption] {
    try team.run {
      let generator = try generator(
        options, width: width(options), frames: features.rows / network.positions, images: 1)
      generator.removeAll()
      let seen = look(at: features, generator)
      return try captions(generator.captions(maximumWords: options.maximumWords)[0], seen, options)
    }
  }

  /// Every sentence of the beam, as it would be written, none chosen among: most probable first.
  /// - Parameters:
  ///   - features: [frames * positions, channels]
  ///   - options: whose `top` is not asked
  package func beam(_ features: Rows, options: CaptionOptions) throws -> [Caption] {
    try team.run {
      let generator = try generator(
        options, width: options.beamWidth, frames: features.rows / network.positions, images: 1)
      generator.removeAll()
      let seen = look(at: features, generator)
      return try drafts(generator.captions(maximumWords: options.maximumWords)[0], seen).map {
        careful($0, seen, options)
      }
    }
  }

  /// Captions several images and clips in one search, which reads the decoder's weights once for all of them.
  /// - Parameters:
  ///   - count: how many, at most `batch`
  ///   - frames: gives one after the other, an image as a single frame, at most `framesPerClip`; nil where there is none after
  ///     all.
  /// - Returns: for each at least one and at most `options.top` captions, best first; nil where there was none.
  package func captions(
    _ count: Int, options: CaptionOptions, frames: (Int) throws -> [Image]?
  ) throws -> [[Caption]?] {
    precondition(count <= Self.batch)
    let generator = try generator(options, width: width(options), frames: framesPerClip, images: count)
    generator.removeAll()
    let pictures: [Seen?] = try (0..<count).map { index in
      guard let frames = try frames(index) else { return nil }
      func add(_ features: Rows) -> Seen {
        team.run { look(at: features, generator) }
      }
      if frames.count == 1 { return add(features(of: frames[0])) }
      return features(of: frames).withUnsafeRows(frames.count * network.positions, add)
    }
    return try team.run {
      var results = generator.captions(maximumWords: options.maximumWords)[...]
      return try pictures.map { seen in
        try seen.map { try captions(results.removeFirst(), $0, options) }
      }
    }
  }

  /// The generator for a beam width and a style; the last one is kept. A clip of many frames has one without room for others.
  private func generator(
    _ options: CaptionOptions, width: Int, frames: Int, images: Int
  ) throws -> any CaptionSearch {
    try options.check()
    let style = try style(options)
    if let generator, generator.width == width, generator.frames >= frames, generator.batch >= images,
      generator.style == style
    {
      return generator
    }
    let made = network.search(
      width: width, frames: max(frames, framesPerClip), batch: frames > framesPerClip ? 1 : Self.batch,
      style: style)
    generator = made
    return made
  }

  /// Asks early whether the options suit the model.
  package func check(_ options: CaptionOptions) throws {
    try options.check()
    _ = try style(options)
    _ = try translator(to: options.language)
  }

  /// What translates captions; the last one is kept. Nil for English.
  func translator(to language: CaptionLanguage) throws -> TranslationEngine? {
    guard language != .english else { return nil }
    if let translator, translator.language == language { return translator.engine }
    let engine = try translators.engine(to: language)
    translator = (language, engine)
    return engine
  }

  private func style(_ options: CaptionOptions) throws(StyleError) -> Int {
    try StyleError.index(of: options.style, in: styles, model: name)
  }
}
