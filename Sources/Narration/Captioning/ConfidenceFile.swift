import Files
import Foundation
import Models
import Networks

/// `confidence.json` of a captioning model: how sure its captions are, as `narrate calibrate confidence` found. Beside it stands
/// `confidence.safetensors`, where the features of photographs lie.
package struct ConfidenceFile: Codable, Equatable, Sendable {
  /// One statistic's part in the confidence.
  package struct Term: Codable, Equatable, Sendable {
    /// As in `CaptionStatistics.names`.
    package let name: String
    package let mean: Double
    /// The standard deviation.
    package let scale: Double
    /// Of the statistic in standard deviations from the mean, in logits of a right caption.
    package let weight: Double
    /// The same, in logits of a familiar picture.
    package let familiarity: Double

    package init(name: String, mean: Double, scale: Double, weight: Double, familiarity: Double) {
      (self.name, self.mean, self.scale) = (name, mean, scale)
      (self.weight, self.familiarity) = (weight, familiarity)
    }

    /// 0 for what is not known.
    func standardized(_ value: Double) -> Double {
      value.isNaN ? 0 : Self.standardized(value, mean: mean, scale: scale)
    }

    /// In standard deviations, at most so many that one alone cannot decide.
    package static func standardized(_ value: Double, mean: Double, scale: Double) -> Double {
      min(furthest, max(-furthest, (value - mean) / scale))
    }

    private static let furthest = 5.0
  }

  /// Version of the file's format; another version's has other statistics.
  package static let currentFormat = 4
  package var format = Self.currentFormat
  /// The digest of the weights that it is about.
  package let weights: String
  /// The digest of what chose the captions; nil where their probability alone did.
  package let reranker: String?
  /// A caption is right if its CIDEr-D is this share of people's, each of whose captions is held against the others.
  package let level: Double
  /// Captions less sure than this are said to be unsure.
  package let threshold: Double
  /// The logit of a right caption where all statistics are at their means.
  package let bias: Double
  /// That of a familiar picture.
  package let familiarityBias: Double
  package let terms: [Term]

  package init(
    weights: String, reranker: String?, level: Double, threshold: Double, bias: Double,
    familiarityBias: Double, terms: [Term]
  ) {
    self.reranker = reranker
    (self.weights, self.level, self.threshold) = (weights, level, threshold)
    (self.bias, self.familiarityBias, self.terms) = (bias, familiarityBias, terms)
  }

  /// The probability that a caption is right: that the picture is like those that captions are learned from, times that the
  /// caption is right if it is.
  /// - Parameter statistics: in the order of `CaptionStatistics.names`; NaN is not known.
  package func confidence(_ statistics: [Double]) -> Double {
    precondition(statistics.count == terms.count)
    var (right, familiar) = (bias, familiarityBias)
    for (term, value) in zip(terms, statistics) {
      let deviation = term.standardized(value)
      right += term.weight * deviation
      familiar += term.familiarity * deviation
    }
    return 1 / ((1 + exp(-right)) * (1 + exp(-familiar)))
  }

  package static let fileName = "confidence.json"
  /// Of the features' tensors.
  package static let tensorsName = "confidence.safetensors"

  /// Reads a model's files, if it has some that are about its weights and its reranker, and of this version.
  /// - Parameter reranker: what chooses the captions
  package static func read(
    of model: CaptioningModel, in folder: URL, reranker: CaptionReranker?
  ) throws(ModelError) -> CalibrationFile<(ConfidenceFile, FeatureSpace)> {
    let folder = ModelFolder(folder)
    let file = folder.file(fileName)
    guard file.exists else { return .absent }
    let bytes = try file.bytes()
    guard let read = try? JSONDecoder().decode(Self.self, from: bytes) else {
      throw file.damaged("not what narrate calibrate confidence writes")
    }
    guard read.format == Self.currentFormat, read.weights == model.weightsDigest,
      read.reranker == reranker?.digest
    else { return .skipped(file) }
    let tensors = try folder.file(tensorsName).weights()
    let space: FeatureSpace
    do {
      space = try FeatureSpace(from: tensors, channels: model.channels)
    } catch { throw ModelError(error) }
    guard tensors.metadata["weights"] == read.weights, read.isSound(components: space.count) else {
      throw file.damaged("its terms are not this version's; narrate calibrate confidence makes it anew")
    }
    return .current((read, space))
  }

  private func isSound(components: Int) -> Bool {
    let numbers = terms.flatMap { [$0.mean, $0.scale, $0.weight, $0.familiarity] }
    return terms.map(\.name) == CaptionStatistics.names(components: components)
      && (numbers + [bias, familiarityBias]).allSatisfy(\.isFinite)
      && terms.allSatisfy { $0.scale > 0 } && 0...1 ~= threshold
  }

  /// Writes a model's files, both or none.
  package func write(_ space: FeatureSpace, in folder: URL) throws {
    try ModelFolder(folder).write([(Self.tensorsName, encoded(space)), (Self.fileName, encoded())])
  }

  /// The file's bytes.
  private func encoded() throws -> Data { try JSON.encoded(self, .indented) }

  /// The bytes of the tensors' file.
  private func encoded(_ space: FeatureSpace) throws -> Data {
    var writer = SafetensorsWriter(metadata: ["format": "1", "weights": weights])
    space.add(to: &writer)
    return try writer.encoded()
  }
}
