import Foundation
import Models
import Networks

/// Says how sure captions are, and what else a picture may show.
struct ConfidenceModel: Sendable {
  /// Tags of a picture whose caption is unsure.
  private static let tags = 3
  /// Tags less probable than this are noise.
  private static let leastProbability = 0.03

  let file: ConfidenceFile
  private let space: FeatureSpace
  private let classifier: ImageClassifier
  /// The classes' names; empty where the model has none.
  private let names: [String]

  /// - Parameter reranker: what chooses the captions
  /// - Returns: nil if the model has nothing to confidenceModel by, or only what is about other weights or another reranker.
  init?(_ model: CaptionModel, in folder: URL, reranker: CaptionReranker?) throws(ModelError) {
    guard let (file, space) = try ConfidenceFile.current(of: model, in: folder, reranker: reranker) else {
      return nil
    }
    (self.file, self.space) = (file, space)
    do {
      classifier = try ImageClassifier(from: model.weights)
    } catch { throw ModelError(error) }
    names = try Self.names(in: folder, count: classifier.classes)
  }

  private static func names(in folder: URL, count: Int) throws(ModelError) -> [String] {
    let path = folder.appendingPathComponent("tags.txt").path
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw .damaged(path: path, reason: "not UTF-8, or cannot be read")
    }
    let lines = text.split(whereSeparator: \.isNewline).map(String.init)
    guard lines.count == count else {
      throw .damaged(path: path, reason: "\(lines.count) names for \(count) classes")
    }
    return lines
  }

  /// The captions with their confidence; none is surer than the first.
  /// - Parameters:
  ///   - captions: best first
  ///   - mean: [channels], the mean of the picture's grids
  func scored(_ captions: [Caption], mean: [Float]) -> [Caption] {
    let logits = classifier.logits(mean: mean)
    let picture = CaptionStatistics.ofPicture(mean: mean, logits: logits, space)
    let confidences = CaptionStatistics.ofCaptions(captions).map { file.confidence($0 + picture) }
    let isUnsure = confidences[0] < file.threshold
    return captions.indices.map { index in
      let confidence = min(confidences[index], confidences[0])
      return Caption(
        words: captions[index].words, logProbability: captions[index].logProbability,
        score: captions[index].score, outlook: captions[index].outlook, confidence: confidence,
        isUnsure: confidence < file.threshold,
        tags: isUnsure && index == 0 ? tags(logits) : [])
    }
  }

  /// The likeliest classes, best first.
  private func tags(_ logits: [Float]) -> [Caption.Tag] {
    guard !names.isEmpty, let peak = logits.max() else { return [] }
    let shares = logits.map { exp(Double($0 - peak)) }
    let sum = shares.reduce(0, +)
    let best = shares.indices.sorted { (-shares[$0], $0) < (-shares[$1], $1) }.prefix(Self.tags)
    return best.filter { shares[$0] / sum >= Self.leastProbability }.map {
      Caption.Tag(text: names[$0], probability: shares[$0] / sum)
    }
  }
}
