import Algorithms
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
  /// Nil where the model knows no classes.
  private let classifier: ImageClassifier?
  /// The classes' names; empty where the model has none.
  private let names: [String]

  /// Reads a model's files, if it has some that are about its weights and its reranker, and of this version.
  /// - Parameter reranker: what chooses the captions
  static func read(
    of model: CaptioningModel, in folder: URL, reranker: CaptionReranker?
  ) throws(ModelError) -> CalibrationFile<ConfidenceModel> {
    switch try ConfidenceFile.read(of: model, in: folder, reranker: reranker) {
    case .absent: return .absent
    case .skipped(let file): return .skipped(file)
    case .current((let file, let space)):
      let classifier = try model.classifier()
      let names =
        try classifier.map { classifier throws(ModelError) in
          try Self.names(ModelFolder(folder).file("tags.txt"), count: classifier.classes)
        } ?? []
      return .current(ConfidenceModel(file: file, space: space, classifier: classifier, names: names))
    }
  }

  private static func names(_ file: ModelFile, count: Int) throws(ModelError) -> [String] {
    guard file.exists else { return [] }
    guard let lines = try? file.lines() else { throw file.damaged("not UTF-8, or cannot be read") }
    guard lines.count == count else { throw file.damaged("\(lines.count) names for \(count) classes") }
    return lines
  }

  /// The captions with their confidence; none is surer than the first.
  /// - Parameters:
  ///   - captions: best first, with their statistics
  ///   - mean: [channels], the mean of the picture's grids
  func scored(_ captions: [Caption], mean: [Float]) -> [Caption] {
    let logits = classifier?.logits(mean: mean)
    let picture = CaptionStatistics.ofPicture(mean: mean, logits: logits, space)
    let confidences = captions.map { file.confidence($0.statistics.map { $0 ?? .nan } + picture) }
    let isUnsure = confidences[0] < file.threshold
    return captions.indices.map { index in
      let confidence = min(confidences[index], confidences[0])
      return captions[index].judged(
        confidence, isUnsure: confidence < file.threshold,
        tags: isUnsure && index == 0 ? logits.map(tags) ?? [] : [])
    }
  }

  /// The likeliest classes, best first.
  private func tags(_ logits: [Float]) -> [Caption.Tag] {
    guard !names.isEmpty, let peak = logits.max() else { return [] }
    let shares = logits.map { exp(Double($0 - peak)) }
    let sum = shares.reduce(0, +)
    let best = shares.indices.min(count: Self.tags) { (-shares[$0], $0) < (-shares[$1], $1) }
    return best.filter { shares[$0] / sum >= Self.leastProbability }.map {
      Caption.Tag(text: names[$0], probability: shares[$0] / sum)
    }
  }
}
