import Compute
import Foundation
import Media
import Models
import Tensors

/// A public checkpoint that was imported: a Transformer that sees, and one that writes.
final class ImportedNetwork: CaptionNetwork {
  private let model: CheckpointModel
  private let team: ThreadTeam
  private let seeing: VisionTransformer
  private let writing: WordTransformer
  private let pass: VisionPass
  let precision: Precision

  /// - Parameters:
  ///   - compilers: threads that pack the weights
  ///   - precision: never `auto`
  convenience init(_ model: CheckpointModel, threads: Int, compilers: Int, precision: Precision) throws {
    let numbers: PackedMatrix.Numbers? =
      switch precision {
      case .auto, .f32: nil
      case .bf16: .bfloat16
      case .int8: .bytes
      }
    let networks = try ThreadTeam(compilers).run { try model.networks(numbers) }
    self.init(model, ThreadTeam(threads), networks.0, networks.1, precision)
  }

  private init(
    _ model: CheckpointModel, _ team: ThreadTeam, _ seeing: VisionTransformer, _ writing: WordTransformer,
    _ precision: Precision
  ) {
    (self.model, self.team, self.seeing, self.writing) = (model, team, seeing, writing)
    (self.precision, pass) = (precision, VisionPass(seeing))
  }

  var weightsPath: String { model.weights.path }
  var threads: Int { team.count }
  var inputSize: Int { model.configuration.encoder.inputSize }
  /// The networks have learned pictures that were made smaller from their full size at once: only of the largest is less read.
  var decodingSide: Int { 4096 }
  var grid: Grid {
    Grid(rows: model.configuration.encoder.gridSide, columns: model.configuration.encoder.gridSide)
  }
  var positions: Int { model.configuration.encoder.tokens }
  var channels: Int { model.configuration.encoder.width }
  var framesPerClip: Int { model.configuration.decoder.frames }
  var styles: [String] { [] }
  var encoderWork: WorkCount { model.configuration.encoder.work }

  func decoderWork(steps: Int, rows: Int) -> WorkCount {
    model.configuration.decoderWork(steps: steps, rows: rows)
  }

  func seen(_ image: Image) -> Image { model.configuration.preprocessing.seen(image, side: inputSize) }

  func square(_ image: Image) -> Image {
    model.configuration.preprocessing.square(image, side: inputSize)
  }

  func features(ofSquare square: Image) -> Rows {
    model.configuration.preprocessing.write(
      square, patch: model.configuration.encoder.patch, into: pass.patches.base)
    return team.run { pass.run() }
  }

  func search(width: Int, frames: Int, batch: Int, style: Int) -> any CaptionSearch {
    CheckpointGenerator(model.configuration, writing, frames: frames, batch: batch, width: width)
  }

  /// A word's probability is that of all its pieces, and its attention their mean.
  func words(_ result: CaptionGenerator.Result) -> [Caption.Word] {
    model.pieces.words(result.words).map { word in
      let log = word.places.reduce(0) { $0 + Double(result.logProbabilities[$1]) }
      var attention = result.attention[word.places[0]]
      for place in word.places.dropFirst() {
        for (cell, share) in result.attention[place].enumerated() { attention[cell] += share }
      }
      let count = Float(word.places.count)
      return Caption.Word(text: word.text, probability: exp(log), attention: attention.map { $0 / count })
    }
  }

  func copy() throws -> ImportedNetwork { ImportedNetwork(model, team, seeing, writing, precision) }

  func recompiled(threads: Int, compilers: Int) throws -> ImportedNetwork {
    ImportedNetwork(model, ThreadTeam(threads), seeing, writing, precision)
  }
}
