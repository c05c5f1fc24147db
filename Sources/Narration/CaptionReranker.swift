import Files
import Foundation
import Networks

/// `reranker.safetensors` of a captioning model, as `narrate calibrate reranker` makes it: the choice among a beam's captions not
/// by their probability alone, but also by how much they are expected to agree with what people would write of the picture.
/// Consensus reranking (Devlin et al. 2015), with a regression where that has the captions of similar pictures.
package struct CaptionReranker: Sendable {
  /// Names all that the choice depends on.
  package let digest: String
  package let expectation: WordExpectation
  /// What an expected similarity of 1 counts, in log-probabilities as the beam search compares them.
  package let weight: Float

  package init(_ expectation: WordExpectation, weight: Float, digest: String = "") {
    (self.expectation, self.weight, self.digest) = (expectation, weight, digest)
  }

  /// - Parameters:
  ///   - scores: of the captions, by the beam search
  ///   - similarities: expected of them
  /// - Returns: the captions' indices, best first; of equals the one that was before.
  package func order(scores: [Float], similarities: [Float]) -> [Int] {
    let sums = zip(scores, similarities).map { $0 + weight * $1 }
    // What is no number is no reason for another order.
    guard sums.allSatisfy(\.isFinite) else { return Array(scores.indices) }
    return sums.indices.sorted { (-sums[$0], $0) < (-sums[$1], $1) }
  }

  /// Where a model's file is.
  package static func path(in folder: URL) -> URL { folder.appendingPathComponent("reranker.safetensors") }

  /// Reads a model's file.
  /// - Returns: nil if there is none, or it is about other weights.
  package static func current(of model: CaptionModel, in folder: URL) throws(ModelError) -> CaptionReranker? {
    let path = path(in: folder).path
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do throws(SafetensorsError) {
      let file = try SafetensorsFile(path: path)
      guard file.metadata["format"] == "1", let weight = file.metadata["weight"].flatMap(Float.init),
        weight >= 0, weight.isFinite
      else {
        throw SafetensorsError.damaged(path: path, reason: "not what narrate calibrate reranker writes")
      }
      guard file.metadata["weights"] == model.weightsDigest else { return nil }
      let expectation = try WordExpectation(
        from: file, vocabulary: model.vocabulary.count, styles: model.configuration.decoder.styles ?? 1)
      return CaptionReranker(
        expectation, weight: weight, digest: "\(file.metadata["checksum"] ?? file.contentDigest)-\(weight)")
    } catch { throw ModelError(error) }
  }

  /// Writes a model's file.
  package static func write(
    _ parts: WordExpectation.Parts, weight: Float, of model: CaptionModel, in folder: URL
  ) throws {
    var writer = SafetensorsWriter(metadata: [
      "format": "1", "weights": model.weightsDigest, "weight": "\(weight)",
    ])
    parts.add(to: &writer)
    try writer.write(to: path(in: folder).path)
  }
}
