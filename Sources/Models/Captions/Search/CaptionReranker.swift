import Files
import Foundation
import Language
import Networks
import Tensors

/// `reranker.safetensors` of a captioning model, as `narrate calibrate reranker` makes it: the choice among a beam's captions not
/// by their probability alone, but also by how much they are expected to agree with what people would write of the picture.
/// Consensus reranking (Devlin et al. 2015), with a regression where that has the captions of similar pictures. It also knows the
/// phrases that people write, for the search itself.
package struct CaptionReranker: Sendable {
  /// Names all that the choice depends on.
  package let digest: String
  package let expectation: WordExpectation
  /// What an expected similarity of 1 counts, in log-probabilities as the beam search compares them.
  package let weight: Float
  /// What a thing that is named and not seen costs, see `PictureWords.Support`, in log-probabilities as well; 0 where the model
  /// detects no words.
  package let truth: Float
  package let phrases: FamiliarPhrases

  package init(
    _ expectation: WordExpectation, weight: Float, truth: Float, phrases: FamiliarPhrases,
    digest: String = ""
  ) {
    (self.expectation, self.weight, self.truth) = (expectation, weight, truth)
    (self.phrases, self.digest) = (phrases, digest)
  }

  /// - Parameters:
  ///   - scores: of the captions, by the beam search
  ///   - similarities: expected of them
  ///   - costs: see `PictureWords.Support`; nil where the model detects no words
  /// - Returns: the captions' indices, best first; of equals the one that was before.
  package func order(scores: [Float], similarities: [Float], costs: [Float]?) -> [Int] {
    let sums = scores.indices.map { scores[$0] + weight * similarities[$0] - truth * (costs?[$0] ?? 0) }
    // What is no number is no reason for another order.
    guard sums.allSatisfy(\.isFinite) else { return Array(scores.indices) }
    return sums.indices.sorted { (-sums[$0], $0) < (-sums[$1], $1) }
  }

  package static let fileName = "reranker.safetensors"
  /// The first version knew no phrases, the second no bare ones, the third no truth, which costs nothing then.
  private static let (format, formats) = ("4", ["3", "4"])

  /// Reads a model's file, if it has one that is about its weights, and of this version.
  package static func read(
    of model: CaptionModel, in folder: URL
  ) throws(ModelError) -> CalibrationFile<CaptionReranker> {
    let location = ModelFolder(folder).file(fileName)
    guard location.exists else { return .absent }
    let file = try location.weights()
    guard formats.contains(file.metadata["format"] ?? ""), file.metadata["weights"] == model.weightsDigest
    else {
      return .skipped(location)
    }
    do throws(SafetensorsError) {
      func number(_ name: String) throws(SafetensorsError) -> Float {
        guard let number = file.metadata[name].flatMap(Float.init), 0...Self.largest ~= number else {
          throw SafetensorsError.damaged(
            path: file.path, reason: "not what narrate calibrate reranker writes")
        }
        return number
      }
      let (weight, cost) = (try number("weight"), try number("unfamiliar"))
      let truth = file.metadata["format"] == formats[0] ? 0 : try number("truth")
      let phrases = try file.bytes("phrases")
      guard !phrases.isEmpty else {
        throw SafetensorsError.damaged(path: file.path, reason: "it has no phrases")
      }
      let qualifiers = try Self.qualifiers(in: file, vocabulary: model.vocabulary)
      let expectation = try WordExpectation(
        from: file, vocabulary: model.vocabulary.count, styles: model.configuration.decoder.styles ?? 1)
      let reranker = CaptionReranker(
        expectation, weight: weight, truth: truth,
        phrases: FamiliarPhrases(
          PhraseTable(bytes: phrases), qualifiers: qualifiers, cost: cost),
        digest:
          "\(file.metadata["checksum"] ?? file.contentDigest)-\(weight)\(truth == 0 ? "" : "-\(truth)")-\(cost)"
      )
      return .current(reranker)
    } catch { throw ModelError(error) }
  }

  /// What a weight or a cost may be: sums of a few are still numbers.
  private static let largest: Float = 1e6
  private static let qualifiersName = "qualifiers"

  private static func qualifiers(
    in file: SafetensorsFile, vocabulary: Vocabulary
  ) throws(SafetensorsError) -> Set<Int32> {
    guard let count = file.shape(of: qualifiersName)?.first else { return [] }
    let indices = try file.tensor(qualifiersName, shape: [count]).values
    guard indices.allSatisfy({ 0..<Float(vocabulary.count) ~= $0 && $0 == $0.rounded() }) else {
      throw .damaged(path: file.path, reason: "qualifiers that the model does not have")
    }
    return Set(indices.map { Int32($0) })
  }

  /// Writes a model's file.
  package static func write(
    _ parts: WordExpectation.Parts, weight: Float, truth: Float, phrases: FamiliarPhrases,
    of model: CaptionModel, in folder: URL
  ) throws {
    var writer = SafetensorsWriter(metadata: [
      "format": format, "weights": model.weightsDigest, "weight": "\(weight)",
      "truth": "\(truth)", "unfamiliar": "\(phrases.cost)",
    ])
    parts.add(to: &writer)
    writer.add("phrases", bytes: phrases.table.bytes)
    if !phrases.qualifiers.isEmpty {
      let indices = phrases.qualifiers.sorted().map { Float($0) }
      writer.add(
        Self.qualifiersName, Tensor(shape: [indices.count], values: indices), half: false)
    }
    try ModelFolder(folder).write([(fileName, writer.encoded())])
  }
}
