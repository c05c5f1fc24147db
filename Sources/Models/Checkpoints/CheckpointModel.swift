import Compute
import Foundation
import Language
import Networks
import Tensors

/// The folder of a public checkpoint that was imported: `config.json`, `vocabulary.txt`, `model.safetensors` and a card, as our own
/// models have them.
package struct CheckpointModel: Sendable {
  package let configuration: CheckpointConfiguration
  package let pieces: WordPieces
  package let weights: SafetensorsFile

  /// Whether a folder's model was imported: what its configuration names says so.
  package static func isOne(_ folder: URL) -> Bool {
    struct Named: Decodable { let architecture: String }
    let file = ModelFolder(folder).file(ModelFolder.configurationName)
    guard file.exists, let bytes = try? file.bytes() else { return false }
    return (try? JSONDecoder().decode(Named.self, from: bytes)) != nil
  }

  /// Reads and verifies a folder.
  package init(contentsOf folder: URL) throws(ModelError) {
    let folder = ModelFolder(folder)
    let (configuration, digest) = try folder.configuration(of: CheckpointConfiguration.self)
    self.configuration = configuration
    let file = folder.file(CaptionModel.vocabularyName)
    guard file.exists else { throw .missing(path: file.path, reason: "no such file") }
    let bytes = try file.bytes()
    do throws(LanguageError) {
      pieces = try WordPieces(
        decoding: bytes, path: file.path, expectedCount: configuration.decoder.words,
        unwritten: configuration.markers.unwritten)
    } catch { throw file.damaged(error.reason) }
    weights = try folder.weights(format: configuration.format, digest: digest)
  }

  /// Both networks, their weights in the numbers that they are multiplied in. By the calling thread's team.
  package func networks(
    _ numbers: PackedMatrix.Numbers?
  ) throws -> (VisionTransformer, WordTransformer) {
    let engine = try Engine()
    let weights = weights
    let source = WeightSource<FixedMatrix, any Error>(
      matrix: { name, shape in
        let half = try weights.matrix(name, shape: shape)
        // Writing a word is bound by reading weights, which bfloat16 does not make fewer.
        let isRead = numbers == .bfloat16 && name.hasPrefix("decoder.")
        guard let numbers, !isRead else { return .half(half) }
        // Of what is packed, one copy is enough.
        defer { weights.release(name) }
        return .packed(try PackedMatrix(half, in: numbers, engine))
      },
      table: { name, shape in .half(try weights.matrix(name, shape: shape)) },
      tensor: { name, shape in
        try shape.contains(0) ? Tensor(shape: shape) : weights.tensor(name, shape: shape)
      })
    do {
      return (
        try VisionTransformer(configuration.encoder, from: source),
        try WordTransformer(configuration, from: source)
      )
    } catch let error as SafetensorsError { throw ModelError(error) }
  }
}
