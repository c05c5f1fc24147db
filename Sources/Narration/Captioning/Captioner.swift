import Foundation
import Media
import Models

/// Captions pictures and clips. Safe to use from any task: the work is done by threads of its own, a picture at a time with all
/// cores, or where many are asked for at once, each with a core. The captions are the same.
///
///     let captioner = try await Captioner(.default)
///     let caption = try await captioner.caption(contentsOf: URL(fileURLWithPath: "photo.jpg"))
///     print(caption.text, caption.confidence)
public final class Captioner: Sendable {
  let workers: Workers
  let engines: CaptionEngines
  let threads: Int

  /// Loads a model.
  /// - Throws: `model` if it is not there, damaged or of another kind, `usage` if this CPU cannot calculate so.
  public init(
    _ model: ModelSource = .default, compute: ComputeOptions = ComputeOptions()
  ) async throws(NarrationError) {
    let threads = compute.usedThreads
    self.threads = threads
    workers = Workers(threads)
    engines = try await workers.run { _ in
      try CaptionEngines(model.folder(kind: .caption), threads: threads, precision: compute.precision)
    }
  }

  /// What the model is and can do.
  public var model: CaptionerModel { engines.description }

  /// Captions a picture or a clip, whatever its kind: JPEG, PNG, and what FFmpeg decodes. EXIF orientation is applied.
  ///
  ///     let caption = try await captioner.caption(contentsOf: photo)
  /// - Throws: `missing`, `unreadable`, `unsupported`, `undecodable`, `tooLarge` or `empty` of the file, `usage` of the options,
  ///   `cancelled` in a task that was cancelled.
  public func caption(
    contentsOf file: URL, options: CaptionOptions = CaptionOptions()
  ) async throws(NarrationError) -> Caption {
    // There is always one.
    try await captions(contentsOf: file, options: options)[0]
  }

  /// The same, with alternatives.
  ///
  ///     for caption in try await captioner.captions(contentsOf: photo, options: .init(top: 3)) { print(caption.text) }
  /// - Returns: at least one and at most `options.top`, best first
  public func captions(
    contentsOf file: URL, options: CaptionOptions = CaptionOptions()
  ) async throws(NarrationError) -> [Caption] {
    try await captions(ofFiles: [file.path], options).value()[0].get()
  }

  /// Captions a picture or a clip in memory: the bytes of a file.
  ///
  ///     let caption = try await captioner.caption(request.body)
  /// - Throws: as for a file; the error names no file.
  public func caption(
    _ data: Data, options: CaptionOptions = CaptionOptions()
  ) async throws(NarrationError) -> Caption {
    try await captions(data, options: options)[0]
  }

  /// The same, with alternatives.
  /// - Returns: at least one and at most `options.top`, best first
  public func captions(
    _ data: Data, options: CaptionOptions = CaptionOptions()
  ) async throws(NarrationError) -> [Caption] {
    try await run { try $0.captions(ofData: data, options: options, check: $1.check) }
  }

  /// Captions a decoded picture.
  /// - Throws: `usage` of the options, `cancelled` in a task that was cancelled.
  public func caption(
    _ image: Image, options: CaptionOptions = CaptionOptions()
  ) async throws(NarrationError) -> Caption {
    try await captions(image, options: options)[0]
  }

  /// The same, with alternatives.
  /// - Returns: at least one and at most `options.top`, best first
  public func captions(
    _ image: Image, options: CaptionOptions = CaptionOptions()
  ) async throws(NarrationError) -> [Caption] {
    try await run { engine, _ in try engine.caption(image, options: options) }
  }

  /// Captions many files, as fast as all cores allow. A file that cannot be captioned does not end the loop.
  ///
  ///     for await file in captioner.captions(of: photos) {
  ///       do { print(file.url.path, try file.caption.text) } catch { print(error) }
  ///     }
  /// - Returns: a sequence in the order of the files. It works a little ahead of the loop; leaving it cancels the rest.
  public func captions(of files: [URL], options: CaptionOptions = CaptionOptions()) -> FileCaptions {
    FileCaptions(
      files, batch: CaptionEngine.batch(of: files.count, workers: threads), lead: 2 * threads
    ) {
      self.captions(ofFiles: $0.map(\.path), options)
    }
  }

  /// Captions a video stretch by stretch.
  ///
  ///     for try await clip in captioner.captions(of: film, every: 10) { print(clip.start, clip.captions[0].text) }
  /// - Parameters:
  ///   - video: the file
  ///   - seconds: of a stretch, 0.1 to 86,400
  ///   - options: how captions are chosen
  public func captions(
    of video: URL, every seconds: Double, options: CaptionOptions = CaptionOptions()
  ) -> VideoResults<ClipCaption> {
    VideoResults(workers) { [engines, workers] check, give in
      try withoutActuallyEscaping(check) { check in
        try engines.withEngine(isAlone: workers.waiting == 0) { engine in
          try engine.caption(
            engine.open(video.path), every: seconds, options: options, progress: { _, _ in try check() }
          ) { clip, _ in give(clip.published) }
        }
      }
    }
  }

  private func captions(ofFiles paths: [String], _ options: CaptionOptions) -> Pending<
    [Result<[Caption], NarrationError>]
  > {
    workers.start { [engines, workers] pending in
      try engines.withEngine(isAlone: workers.waiting == 0) {
        try $0.captions(ofFiles: paths, options: options, check: pending.check).map { outcome in
          outcome.map { $0.map(\.published) }
        }
      }
    }
  }

  private func run(
    _ work: @escaping @Sendable (CaptionEngine, Pending<[Caption]>) throws -> [Caption]
  ) async throws(NarrationError) -> [Caption] {
    try await workers.run { [engines, workers] pending in
      try pending.check()
      return try engines.withEngine(isAlone: workers.waiting == 0) { try work($0, pending).map(\.published) }
    }
  }
}

/// What a captioning model is and can do.
public struct CaptionerModel: Sendable, Hashable, Codable {
  /// The model folder's name, such as `caption-everyday`.
  public let name: String
  /// Ways of writing that the model has learned, named after the data sets that they are of; the first is its own. Empty where
  /// it knows one.
  public let styles: [String]
  /// What captions can be told in: English, and the languages that a translation model was found for.
  public let languages: [CaptionLanguage]
  /// Frames of a clip that it looks at for a sentence; 1 for a model that has learned photographs alone.
  public let framesPerClip: Int
  /// The encoder's grid of features, over which `Caption.Word.attention` is.
  public let grid: Grid
  /// Captions less sure than this are unsure; nil where the model was not calibrated.
  public let sureConfidence: Double?
  /// The numbers that the encoder calculates in; never `auto`.
  public let precision: Precision
  /// Files of the model's folder that captions are made without, being about other weights or of another version;
  /// `narrate calibrate` makes them anew.
  public let skippedFiles: [URL]

  init(_ engine: CaptionEngine) {
    (name, styles, framesPerClip) = (engine.name, engine.styles, engine.framesPerClip)
    (languages, grid, sureConfidence) = (engine.languages, engine.grid, engine.sureConfidence)
    (precision, skippedFiles) = (engine.precision, engine.skippedFiles)
  }
}

/// Rows and columns of features.
public struct Grid: Sendable, Hashable, Codable {
  /// From the top.
  public let rows: Int
  /// From the left.
  public let columns: Int

  package init(rows: Int, columns: Int) { (self.rows, self.columns) = (rows, columns) }
}
