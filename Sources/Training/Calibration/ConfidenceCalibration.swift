import Compute
import Datasets
import Drawing
import Foundation
import Language
import Media
import Models
import Narration
import Networks
import Tensors

/// Makes a captioning model's confidence the probability that a caption is right.
package struct ConfidenceCalibration {
  private let task: CalibrationTask

  /// What `narrate calibrate confidence` takes by default.
  package static let drawn = 30
  package static let level = 0.5
  package static let beamWidth = CaptionOptions().beamWidth
  private let sets: [CalibrationTask.Held]
  private let precision: EncoderPrecision

  /// - Parameter task: at least one of its data sets has the split `val`, with two captions of a picture.
  package init(_ task: CalibrationTask, precision: Precision) throws {
    self.task = task
    self.precision = try precision.ofEncoder(task.model, task.folder)
    sets = try task.data.compactMap { dataset in
      guard dataset.splits.contains("val") else { return nil }
      // People are held against one another.
      let examples = try dataset.examples(in: "val").filter { $0.captions.count > 1 }
      return examples.isEmpty ? nil : (dataset.name, examples)
    }
    guard !sets.isEmpty else {
      throw DataError(
        .insufficient, path: task.data[0].path, reason: "no picture of the split val has two captions")
    }
  }

  /// Writes the model's `confidence.json` and `confidence.safetensors`.
  /// - Parameters:
  ///   - drawn: synthetic pictures of each kind
  ///   - level: share of people's CIDEr-D from which on a caption is right
  package func run(
    drawn: Int = Self.drawn, level: Double = Self.level, beamWidth: Int = Self.beamWidth
  ) throws -> ConfidenceReport {
    try Drawing.prepare()
    let classifier = try task.model.classifier()
    let reranker = try reranker
    let pool = CaptionerPool(
      try CaptionEngine.pool(
        task.threads, task.model, name: task.folder.lastPathComponent, threads: 1, precision: precision,
        reranker: reranker), report: task.report)
    var (seen, observations) = try people(pool, beamWidth)
    guard seen.count >= Self.leastPictures else {
      throw DataError(
        .insufficient, path: task.folder.path,
        reason: "\(seen.count) validation pictures; \(Self.leastPictures) are needed")
    }
    let space = FeatureSpace(of: seen.map(\.mean), count: Self.components)
    for (number, kind) in SyntheticPictures.Kind.allCases.enumerated() {
      seen += try describe(pool, kind.rawValue, drawn, beamWidth, style: nil) {
        [try SyntheticPictures.picture(kind, seed: UInt64($1))]
      }
      observations += (0..<drawn).map { _ in
        // Kinds are parted from one another: those that are foretold were not learned.
        ConfidenceFit.Observation(statistics: [], quality: 0, source: -1 - number, part: number)
      }
    }
    for (index, picture) in seen.enumerated() {
      observations[index].statistics =
        picture.statistics
        + CaptionStatistics.ofPicture(
          mean: picture.mean, logits: classifier?.logits(mean: picture.mean), space)
    }
    let fit = ConfidenceFit(
      observations, names: CaptionStatistics.names(components: space.count), level: level)
    let foretold = fit.crossValidated()
    let threshold = ConfidenceReport.threshold(
      observations.indices.filter { observations[$0].source >= 0 }.map {
        (foretold[$0], observations[$0].quality >= level)
      })
    let file = fit.file(
      weights: task.model.weightsDigest, reranker: reranker?.digest, threshold: threshold)
    try file.write(space, in: task.folder)
    return ConfidenceReport(
      observations: observations, confidences: foretold, sets: sets.map(\.name), level: level,
      threshold: threshold)
  }

  /// What is said of the validation pictures, and how good it is beside what people say.
  private func people(
    _ pool: CaptionerPool, _ beamWidth: Int
  ) throws -> ([Described], [ConfidenceFit.Observation]) {
    var seen: [Described] = []
    var observations: [ConfidenceFit.Observation] = []
    for (index, set) in sets.enumerated() {
      let described = try describe(pool, set.name, set.examples.count, beamWidth, style: set.name) {
        try set.examples[$1].images(for: $0)
      }
      let references = CaptionEvaluation.words(set.examples)
      let people = CaptionScorer.leaveOneOut(references).ciderD
      let scores = CaptionScorer(references: references).scores(
        described.map { PTBTokenizer.words($0.caption) }
      ).images
      seen += described
      observations += scores.enumerated().map { picture, score in
        ConfidenceFit.Observation(
          statistics: [], quality: score.ciderD / max(people, 1e-6), source: index, part: picture)
      }
    }
    return (seen, observations)
  }

  /// The one that the model has, nil if it has none.
  private var reranker: CaptionReranker? {
    get throws {
      guard case .trained(let model) = task.model else { return nil }
      let calibrated = try CaptionReranker.read(of: model, in: task.folder)
      if let file = calibrated.skippedFile {
        throw ModelError.damaged(
          path: file.path,
          reason:
            "about other weights or of another version; make it anew first (narrate calibrate reranker), or "
            + "remove it")
      }
      return calibrated.content
    }
  }

  private static let components = 64
  private static let leastPictures = 100

  /// What was said of a picture.
  private struct Described {
    let caption: String
    let statistics: [Double]
    /// [channels]
    let mean: [Float]
  }

  /// Captions pictures as `narrate caption` does.
  /// - Parameter style: nil, or one that the model does not have, is its first.
  private func describe(
    _ pool: CaptionerPool, _ name: String, _ count: Int, _ beamWidth: Int, style: String?,
    images: @escaping @Sendable (CaptionEngine, Int) throws -> [Image]
  ) throws -> [Described] {
    var options = CaptionOptions()
    options.beamWidth = beamWidth
    options.style = style.flatMap { pool.styles.contains($0) ? $0 : nil }
    return try pool.map(
      name, count, images: images,
      transform: { [options] captioner, view, _ in
        let captions = try view.features.withUnsafeRows(view.rows) {
          try captioner.captions($0, options: options)
        }
        return Described(
          caption: captions[0].text, statistics: captions[0].statistics.map { $0 ?? .nan }, mean: view.mean)
      })
  }
}
