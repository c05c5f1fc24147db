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
  package let inputSize: Int
  /// Rows and columns of the encoder's grid of features.
  package let grid: Grid
  /// Frames of a clip that it looks at for a sentence; 1 for a model that has learned photographs alone.
  package let framesPerClip: Int
  /// Captions less sure than this are unsure; nil where the model was not calibrated.
  package var sureConfidence: Double? { confidenceModel?.file.threshold }
  /// Ways of writing that the model has learned, named after the data sets that they are of; the first is its own. Empty where
  /// it knows one.
  package let styles: [String]
  /// Images whose captions can be searched at once: with more, the weights are no longer what bounds it.
  package static let batch = 4
  /// How many of so many images to search at once, few enough that all workers have some to the end.
  package static func batch(of images: Int, workers: Int) -> Int {
    max(1, min(batch, images / (2 * workers)))
  }
  /// The numbers that the encoder calculates in; never `auto`.
  package let precision: Precision
  private let team: ThreadTeam
  private let encoderPrecision: EncoderPrecision
  package let weightsPath: String
  private let encoder: GridEncoder
  private let decoder: HalfDecoder
  let vocabulary: Vocabulary
  private let lengthExponent: Float
  private let rules: SentenceRules
  private let phrases: FamiliarPhrases?
  let reranker: CaptionReranker?
  let confidenceModel: ConfidenceModel?
  let detector: FoundWords?
  let conceptWords: ConceptWords?
  /// The detector's memory.
  let arena = Arena()
  /// Files of the model's folder that captions are made without, being about other weights or of another version;
  /// `narrate calibrate` makes them anew.
  package let skippedFiles: [URL]
  private var generator: CaptionGenerator?
  private let translators: CaptionTranslators
  private var translator: (language: CaptionLanguage, engine: TranslationEngine)?

  /// Loads a model folder.
  /// - Parameters:
  ///   - threads: cores to use for one picture, 1 to 1024.
  ///   - precision: the numbers that the encoder calculates in.
  /// - Throws: `ModelError` if the folder cannot be used, `PrecisionError` if this CPU cannot calculate so.
  package convenience init(model folder: URL, threads: Int = 1, precision: Precision = .auto) throws {
    try precision.checkCPU()
    let model = try CaptionModel(contentsOf: folder)
    try self.init(
      model, name: Self.name(folder), threads: threads, compilers: nil,
      precision: precision.encoder(model, folder), calibrationFiles: CalibrationFiles(of: model, in: folder))
  }

  /// - Parameters:
  ///   - compilers: threads that make the encoder ready; nil is `threads`
  init(
    _ model: CaptionModel, name: String, threads: Int, compilers: Int?, precision: EncoderPrecision,
    calibrationFiles: CalibrationFiles
  ) throws {
    let threads = usableThreads(threads)
    (phrases, reranker, confidenceModel) = (
      calibrationFiles.phrases, calibrationFiles.reranker, calibrationFiles.confidenceModel
    )
    skippedFiles = calibrationFiles.skippedFiles
    (self.name, team) = (name, ThreadTeam(threads))
    (self.precision, encoderPrecision) = (precision.name, precision)
    let network = model.configuration.encoder
    inputSize = network.inputSize
    grid = Grid(rows: network.gridSide, columns: network.gridSide)
    (framesPerClip, styles) = (
      model.configuration.decoder.frameKnots ?? 1, model.configuration.styles ?? []
    )
    vocabulary = model.vocabulary
    rules = SentenceRules(vocabulary, repetition: model.configuration.decoding.repetition ?? .any)
    lengthExponent = model.configuration.decoding.lengthExponent
    weightsPath = model.weights.path
    translators = CaptionTranslators(
      beside: URL(fileURLWithPath: model.weights.path).deletingLastPathComponent())
    encoder = try Self.encoder(model, team, compilers: compilers, precision)
    decoder = try model.decoder()
    detector = try model.foundWords()
    conceptWords = detector.map { [vocabulary] in ConceptWords($0.concepts, vocabulary) }
  }

  private init(_ other: CaptionEngine, _ team: ThreadTeam, _ encoder: GridEncoder) {
    (name, inputSize, grid) = (other.name, other.inputSize, other.grid)
    (framesPerClip, styles, precision) = (other.framesPerClip, other.styles, other.precision)
    (decoder, vocabulary, lengthExponent) = (other.decoder, other.vocabulary, other.lengthExponent)
    (rules, phrases) = (other.rules, other.phrases)
    (weightsPath, reranker, confidenceModel) = (other.weightsPath, other.reranker, other.confidenceModel)
    (skippedFiles, encoderPrecision) = (other.skippedFiles, other.encoderPrecision)
    (detector, conceptWords, translators) = (other.detector, other.conceptWords, other.translators)
    (self.team, self.encoder) = (team, encoder)
  }

  private static func encoder(
    _ model: CaptionModel, _ team: ThreadTeam, compilers: Int?, _ precision: EncoderPrecision
  ) throws -> GridEncoder {
    do {
      return try team.run {
        try GridEncoder(
          model.configuration.encoder, weights: model.weights, Engine(),
          preprocessing: model.configuration.preprocessing, precision: precision, compilers: compilers)
      }
    } catch let error as SafetensorsError { throw ModelError(error) }
  }

  /// Cores that it uses.
  var threads: Int { team.count }

  /// What a folder's model is called.
  static func name(_ folder: URL) -> String { folder.standardizedFileURL.lastPathComponent }

  /// The same model for another thread. The weights are shared.
  package func copy() throws -> CaptionEngine {
    CaptionEngine(self, team, try encoder.copy())
  }

  /// The same model for another number of threads, for which the encoder is made ready anew.
  /// - Parameter model: what this one was made of
  func recompiled(_ model: CaptionModel, threads: Int, compilers: Int) throws -> CaptionEngine {
    let team = ThreadTeam(threads)
    let encoder = try Self.encoder(model, team, compilers: compilers, encoderPrecision)
    return CaptionEngine(self, team, encoder)
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
    return try features(of: frames).withUnsafeRows(frames.count * encoder.positions) {
      try captions($0, options: options)
    }
  }

  /// - Returns: [frames * positions, channels]
  private func features(of frames: [Image]) -> [Float] {
    var all: [Float] = []
    all.reserveCapacity(frames.count * encoder.positions * EfficientNetLite.channels)
    for frame in frames { all += [Float](features(of: frame)) }
    return all
  }

  /// What the encoder does for one picture.
  package var encoderWork: WorkCount { encoder.network.work }
  /// What the decoder, the detector and the reranker, if there are any, did for the last picture.
  package var decoderWork: WorkCount {
    let effort = generator?.effort ?? (steps: 0, rows: 0)
    var work = decoder.sizes.work(cells: encoder.positions, steps: effort.steps, rows: effort.rows)
    if let detector { work += detector.detector.work(cells: encoder.positions) }
    if let reranker { work += reranker.expectation.work }
    return work
  }

  /// Bytes that the decoder's search holds.
  package var searchByteCount: Int { generator?.byteCount ?? 0 }

  /// The first half of captioning: the encoder.
  /// - Returns: [positions, channels], valid until the next call.
  package func features(of image: Image) -> Rows { encoder.encode(image) }

  /// The second half: the decoder and the beam.
  /// - Parameter features: [frames * positions, channels]
  package func captions(_ features: Rows, options: CaptionOptions) throws -> [Caption] {
    try team.run {
      let generator = try generator(
        options, width: width(options), frames: features.rows / encoder.positions, images: 1)
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
        options, width: options.beamWidth, frames: features.rows / encoder.positions, images: 1)
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
      if frames.count == 1 { return add(encoder.encode(frames[0])) }
      return features(of: frames).withUnsafeRows(frames.count * encoder.positions, add)
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
  ) throws -> CaptionGenerator {
    try options.check()
    let style = try style(options)
    if let generator, generator.width == width, generator.frames >= frames, generator.batch >= images,
      generator.style == style
    {
      return generator
    }
    let made = CaptionGenerator(
      decoder, positions: encoder.positions, frames: max(frames, framesPerClip),
      batch: frames > framesPerClip ? 1 : Self.batch, style: style, width: width,
      lengthExponent: lengthExponent, rules: rules, phrases: phrases)
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
