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
  package let weights: Weights
  package let phrases: FamiliarPhrases

  /// How much each counts, in log-probabilities as the beam search compares sentences.
  package struct Weights: Sendable, Equatable {
    /// An expected similarity of 1, see `WordExpectation`.
    package var similarity: Float = 0
    /// A similarity of 1 to the words that a detector finds; like the next two 0 where the model detects no words.
    package var detected: Float = 0
    /// A thing that is named and not seen, see `PictureWords.Support`.
    package var truth: Float = 0
    /// The same while captions are searched, word by word, in nats: sentences that nobody would choose make room for others.
    package var guidance: Float = 0

    package init(similarity: Float = 0, detected: Float = 0, truth: Float = 0, guidance: Float = 0) {
      (self.similarity, self.detected, self.truth, self.guidance) = (similarity, detected, truth, guidance)
    }

    /// - Returns: the captions' indices, best first; of equals the one that was before.
    package func order(_ captions: [Candidate]) -> [Int] {
      let sums = captions.map {
        $0.score + similarity * $0.similarity + detected * $0.detected - truth * $0.cost
      }
      // What is no number is no reason for another order.
      guard sums.allSatisfy(\.isFinite) else { return Array(captions.indices) }
      return sums.indices.sorted { (-sums[$0], $0) < (-sums[$1], $1) }
    }

    /// Part of a reranker's.
    fileprivate var digest: String {
      ([similarity] + (detected + truth + guidance == 0 ? [] : [detected, truth, guidance]))
        .map { "\($0)-" }.joined()
    }
  }

  package init(
    _ expectation: WordExpectation, _ weights: Weights, phrases: FamiliarPhrases, digest: String = ""
  ) {
    (self.expectation, self.weights, self.phrases, self.digest) = (expectation, weights, phrases, digest)
  }

  /// A caption of a beam, as it is chosen by.
  package struct Candidate: Sendable, Equatable {
    /// By the beam search.
    package let score: Float
    /// To what is expected, and to the words that a detector finds.
    package let similarity, detected: Float
    /// See `PictureWords.Support`.
    package let cost: Float

    package init(score: Float, similarity: Float, detected: Float = 0, cost: Float = 0) {
      (self.score, self.similarity, self.detected, self.cost) = (score, similarity, detected, cost)
    }
  }

  package static let fileName = "reranker.safetensors"
  /// The first version knew no phrases, the second no bare ones, the third no truth.
  private static let format = "4"

  /// Reads a model's file, if it has one that is about its weights, and of this version.
  package static func read(
    of model: CaptionModel, in folder: URL
  ) throws(ModelError) -> CalibrationFile<CaptionReranker> {
    let location = ModelFolder(folder).file(fileName)
    guard location.exists else { return .absent }
    let file = try location.weights()
    guard file.metadata["format"] == format, file.metadata["weights"] == model.weightsDigest else {
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
      let cost = try number("unfamiliar")
      let weights = Weights(
        similarity: try number("weight"), detected: try number("detected"), truth: try number("truth"),
        guidance: try number("guidance"))
      let phrases = try file.bytes("phrases")
      guard !phrases.isEmpty else {
        throw SafetensorsError.damaged(path: file.path, reason: "it has no phrases")
      }
      let qualifiers = try Self.qualifiers(in: file, vocabulary: model.vocabulary)
      let expectation = try WordExpectation(
        from: file, vocabulary: model.vocabulary.count, styles: model.configuration.decoder.styles ?? 1)
      let reranker = CaptionReranker(
        expectation, weights,
        phrases: FamiliarPhrases(PhraseTable(bytes: phrases), qualifiers: qualifiers, cost: cost),
        digest: "\(file.metadata["checksum"] ?? file.contentDigest)-\(weights.digest)\(cost)")
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
    _ parts: WordExpectation.Parts, _ weights: Weights, phrases: FamiliarPhrases,
    of model: CaptionModel, in folder: URL
  ) throws {
    var writer = SafetensorsWriter(metadata: [
      "format": format, "weights": model.weightsDigest, "weight": "\(weights.similarity)",
      "detected": "\(weights.detected)", "truth": "\(weights.truth)", "guidance": "\(weights.guidance)",
      "unfamiliar": "\(phrases.cost)",
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
