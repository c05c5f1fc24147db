import Compute
import Foundation
import Language
import Media
import Networks

/// Captions images and clips with one model folder. Not thread-safe: one instance a thread.
///
///     let captioner = try Captioner(model: URL(fileURLWithPath: "models/caption-everyday"))
///     let caption = try captioner.caption(Picture(contentsOf: "photo.jpg").image)[0]
///     print(caption.text)
public final class Captioner {
  /// The model folder's name, such as `caption-everyday`.
  public let name: String
  /// Side, in pixels, of the square picture that the encoder sees. A picture need not be decoded larger.
  public let inputSize: Int
  /// Rows and columns of the encoder's grid of features.
  public let gridSize: (rows: Int, columns: Int)
  /// Frames of a clip that it looks at for a sentence; 1 for a model that has learned photographs alone.
  public let framesPerClip: Int
  /// Ways of writing that the model has learned, named after the data sets that they are of; the first is its own. Empty where
  /// it knows one.
  public let styles: [String]
  private let threads: Int
  private let engine: Engine
  private let encoder: GridEncoder
  private let decoder: CaptionDecoder
  private let vocabulary: Vocabulary
  private let lengthExponent: Float
  private var generator: CaptionGenerator?

  /// Loads a model folder.
  /// - Parameter threads: cores to use for one picture.
  /// - Throws: `ModelError` if the folder cannot be used.
  public init(model folder: URL, threads: Int = 1) throws {
    precondition(threads > 0)
    let model = try CaptionModel(contentsOf: folder)
    (name, self.threads) = (folder.standardizedFileURL.lastPathComponent, threads)
    let network = model.configuration.encoder
    inputSize = network.inputSize
    gridSize = (network.gridSide, network.gridSide)
    (framesPerClip, styles) = (model.configuration.decoder.places ?? 1, model.configuration.styles ?? [])
    vocabulary = model.vocabulary
    lengthExponent = model.configuration.decoding.lengthExponent
    setThreadCount(threads)
    engine = try Engine()
    do {
      encoder = try GridEncoder(network, weights: model.weights, engine)
    } catch let error as SafetensorsError { throw ModelError(error) }
    decoder = try model.decoder()
  }

  /// Captions an image.
  /// - Returns: at least one and at most `options.top` captions, best first.
  public func caption(_ image: Image, options: CaptionOptions = CaptionOptions()) throws -> [Caption] {
    try captions(features(of: image), options: options)
  }

  /// Captions a clip by some of its frames, in order of time.
  /// - Returns: at least one and at most `options.top` captions, best first; attention weights frame after frame.
  public func caption(_ frames: [Image], options: CaptionOptions = CaptionOptions()) throws -> [Caption] {
    precondition(!frames.isEmpty)
    let count = encoder.positions * EfficientNetLite.channels
    var all: [Float] = []
    all.reserveCapacity(frames.count * count)
    for frame in frames { all += UnsafeBufferPointer(start: features(of: frame), count: count) }
    return try all.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return [] }
      return try captions(base, frames: frames.count, options: options)
    }
  }

  /// The first half of captioning: the encoder.
  /// - Returns: [positions, channels], valid until the next call.
  package func features(of image: Image) -> UnsafePointer<Float> {
    setThreadCount(threads)
    return encoder.encode(image)
  }

  /// The second half: the decoder and the beam.
  /// - Parameter features: [frames, positions, channels]
  package func captions(
    _ features: UnsafePointer<Float>, frames: Int = 1, options: CaptionOptions
  ) throws -> [Caption] {
    precondition(options.beamWidth > 0 && options.top > 0 && options.maximumWords > 0)
    setThreadCount(threads)
    let generator = try generator(
      width: max(options.beamWidth, options.top), frames: frames, style: options.style)
    let results = generator.captions(features, frames: frames, maximumWords: options.maximumWords)
    return results.prefix(options.top).map { result in
      let words = zip(result.words, zip(result.logProbabilities, result.attention)).filter {
        $0.0 != Vocabulary.end
      }
      return Caption(
        words: words.map { word, rest in
          Caption.Word(text: vocabulary.word(word), probability: Double(exp(rest.0)), attention: rest.1)
        }, logProbability: Double(result.logProbability))
    }
  }

  /// The generator for a beam width and a style; the last one is kept.
  private func generator(width: Int, frames: Int, style: String?) throws -> CaptionGenerator {
    let index = try style.map(styleIndex) ?? 0
    if let generator, generator.width == width, generator.frames >= frames, generator.style == index {
      return generator
    }
    let made = try CaptionGenerator(
      decoder, positions: encoder.positions, frames: max(frames, framesPerClip), style: index, width: width,
      lengthExponent: lengthExponent, engine)
    generator = made
    return made
  }

  private func styleIndex(_ style: String) throws -> Int {
    guard let index = styles.firstIndex(of: style) else {
      let known = styles.isEmpty ? "it knows one" : "there are: " + styles.joined(separator: ", ")
      throw ModelError.missing(path: name, reason: "no style \(style) in this model; \(known)")
    }
    return index
  }
}
