import Compute
import Foundation
import Language
import Media
import Networks

/// Captions images with one model folder. Not thread-safe: one instance a thread.
///
///     let captioner = try Captioner(model: URL(fileURLWithPath: "models/caption-flickr8k"))
///     let caption = try captioner.caption(Picture(contentsOf: "photo.jpg").image)[0]
///     print(caption.text)
public final class Captioner {
  /// The model folder's name, such as `caption-flickr8k`.
  public let name: String
  /// Side, in pixels, of the square picture that the encoder sees. A picture need not be decoded larger.
  public let inputSize: Int
  /// Rows and columns of the encoder's grid of features.
  public let gridSize: (rows: Int, columns: Int)
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

  /// The first half of captioning: the encoder.
  /// - Returns: [positions, channels], valid until the next call.
  package func features(of image: Image) -> UnsafePointer<Float> {
    setThreadCount(threads)
    return encoder.encode(image)
  }

  /// The second half: the decoder and the beam.
  /// - Parameter features: [positions, channels]
  package func captions(_ features: UnsafePointer<Float>, options: CaptionOptions) throws -> [Caption] {
    precondition(options.beamWidth > 0 && options.top > 0 && options.maximumWords > 0)
    setThreadCount(threads)
    let generator = try generator(width: max(options.beamWidth, options.top))
    let results = generator.captions(features, maximumWords: options.maximumWords)
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

  /// The generator for a beam width; the last one is kept.
  private func generator(width: Int) throws -> CaptionGenerator {
    if let generator, generator.width == width { return generator }
    let made = try CaptionGenerator(
      decoder, positions: encoder.positions, width: width, lengthExponent: lengthExponent, engine)
    generator = made
    return made
  }
}
