import Compute
import Foundation
import Language
import Media
import Models
import Networks
import Tensors

/// A network that this package trained: a convolutional encoder, and a decoder that attends to its grid.
final class TrainedNetwork: CaptionNetwork {
  private let model: CaptionModel
  private let encoderPrecision: EncoderPrecision
  private let team: ThreadTeam
  private let encoder: GridEncoder
  private let decoder: FixedDecoder
  private let rules: SentenceRules
  private let phrases: FamiliarPhrases?

  /// By the calling thread.
  /// - Parameters:
  ///   - compilers: threads that make the encoder ready; nil is `threads`
  ///   - phrases: what people write
  convenience init(
    _ model: CaptionModel, threads: Int, compilers: Int?, precision: EncoderPrecision,
    phrases: FamiliarPhrases?
  ) throws {
    let team = ThreadTeam(threads)
    self.init(
      model, precision, team, try Self.encoder(model, team, compilers: compilers, precision),
      try model.decoder(in: precision.name == .int8 ? .bytes : .half),
      SentenceRules(model.vocabulary, repetition: model.configuration.decoding.repetition ?? .any), phrases)
  }

  private init(
    _ model: CaptionModel, _ precision: EncoderPrecision, _ team: ThreadTeam, _ encoder: GridEncoder,
    _ decoder: FixedDecoder, _ rules: SentenceRules, _ phrases: FamiliarPhrases?
  ) {
    (self.model, encoderPrecision, self.team, self.encoder) = (model, precision, team, encoder)
    (self.decoder, self.rules, self.phrases) = (decoder, rules, phrases)
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

  var precision: Precision { encoderPrecision.name }
  var weightsPath: String { model.weights.path }
  var threads: Int { team.count }
  var inputSize: Int { encoder.network.inputSize }
  var decodingSide: Int { inputSize }
  var grid: Grid { Grid(rows: encoder.network.gridSide, columns: encoder.network.gridSide) }
  var positions: Int { encoder.positions }
  var channels: Int { EfficientNetLite.channels }
  var framesPerClip: Int { model.configuration.decoder.frameKnots ?? 1 }
  var styles: [String] { model.configuration.styles ?? [] }
  var encoderWork: WorkCount { encoder.network.work }

  func decoderWork(steps: Int, rows: Int) -> WorkCount {
    decoder.sizes.work(cells: encoder.positions, steps: steps, rows: rows)
  }

  func seen(_ image: Image) -> Image { image }

  func square(_ image: Image) -> Image {
    model.configuration.preprocessing.square(image, side: inputSize, shorterSide: inputSize)
  }

  func features(ofSquare square: Image) -> Rows { encoder.encode(square) }

  func search(width: Int, frames: Int, batch: Int, style: Int) -> any CaptionSearch {
    CaptionGenerator(
      decoder, positions: encoder.positions, frames: frames, batch: batch, style: style, width: width,
      lengthExponent: model.configuration.decoding.lengthExponent, rules: rules, phrases: phrases)
  }

  func words(_ result: CaptionGenerator.Result) -> [Caption.Word] {
    zip(result.words, zip(result.logProbabilities, result.attention)).filter { $0.0 != Vocabulary.end }.map {
      word, rest in
      Caption.Word(
        text: model.vocabulary.word(word), probability: Double(exp(rest.0)), attention: rest.1)
    }
  }

  func copy() throws -> TrainedNetwork {
    TrainedNetwork(model, encoderPrecision, team, try encoder.copy(), decoder, rules, phrases)
  }

  func recompiled(threads: Int, compilers: Int) throws -> TrainedNetwork {
    let team = ThreadTeam(threads)
    let encoder = try Self.encoder(model, team, compilers: compilers, encoderPrecision)
    return TrainedNetwork(model, encoderPrecision, team, encoder, decoder, rules, phrases)
  }
}
