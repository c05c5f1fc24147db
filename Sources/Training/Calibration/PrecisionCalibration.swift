import Compute
import Datasets
import Foundation
import Language
import Media
import Models
import Narration
import Networks

/// Finds what a captioning model's encoder needs in order to calculate in fewer bits, and what that costs. An imported model needs
/// nothing.
package struct PrecisionCalibration {
  private let task: CalibrationTask
  /// Nil of an imported model.
  private let sources: [TrainingData.Source]?
  private let held: [CalibrationTask.Held]

  /// What `narrate calibrate precision` takes by default.
  package static let pictures = 200

  /// - Parameter task: at least one of its data sets has the split `val`, and all have `train` unless the model is imported.
  package init(_ task: CalibrationTask) throws {
    self.task = task
    sources = if case .trained = task.model { try task.sources } else { nil }
    held = try task.held
  }

  /// Writes the model's `precision.json`.
  /// - Parameters:
  ///   - pictures: of `train` that the ranges are measured on, evenly over the data sets; a clip counts as one
  ///   - options: how the validation captions are made; without a style, each data set's in its own if the model has it
  package func run(pictures: Int = Self.pictures, options: CaptionOptions = CaptionOptions()) throws
    -> PrecisionFile
  {
    let name = task.folder.lastPathComponent
    var (ranges, reranker): ([String: Float], CaptionReranker?) = ([:], nil)
    if case .trained(let model) = task.model, let sources {
      _ = try StyleError.index(of: options.style, in: model.configuration.styles ?? [], model: name)
      ranges = try self.ranges(of: Self.spread(pictures, over: sources.map(\.training)), model)
      // The choice among a beam's captions evens out what a precision changes by chance.
      reranker = try CaptionReranker.read(of: model, in: task.folder).content
    }
    var scores: [String: [Precision: Double]] = [:]
    for precision in [EncoderPrecision.f32, .bf16, .int8(ranges: ranges)] where precision.name.isSupported {
      let captioners = try CaptionEngine.pool(
        min(task.threads, held.map(\.examples.count).max() ?? 1), task.model, name: name, threads: 1,
        precision: precision, phrases: reranker?.phrases, reranker: reranker)
      for set in held {
        var options = options
        if options.style == nil, captioners[0].styles.contains(set.name) { options.style = set.name }
        scores[set.name, default: [:]][precision.name] = try score(set.examples, captioners, options)
      }
    }
    let file = PrecisionFile(weights: task.model.weightsDigest, ranges: ranges, scores: scores)
    try ModelFolder(task.folder).write([(PrecisionFile.fileName, file.encoded())])
    return file
  }

  /// So many examples, as many of each set as of the others unless it has too few, evenly over each.
  package static func spread<Example>(_ count: Int, over sets: [[Example]]) -> [Example] {
    var shares = sets.map { _ in 0 }
    var rest = count
    for (done, index) in sets.indices.sorted(by: { sets[$0].count < sets[$1].count }).enumerated() {
      shares[index] = min(sets[index].count, rest / (sets.count - done))
      rest -= shares[index]
    }
    return zip(sets, shares).flatMap { set, share in (0..<share).map { set[$0 * set.count / share] } }
  }

  /// The largest of the ranges over the examples, by layer.
  private func ranges(of examples: [CaptionDataset.Example], _ model: CaptionModel) throws -> [String: Float]
  {
    let encoder = try ThreadTeam(task.threads).run {
      try GridEncoder(
        model.configuration.encoder, weights: model.weights, Engine(),
        preprocessing: model.configuration.preprocessing, observes: true)
    }
    var ranges: [String: Float] = [:]
    for (done, example) in examples.enumerated() {
      for image in try example.images(for: model) {
        _ = encoder.encode(image)
        ranges.merge(encoder.outputRanges, uniquingKeysWith: max)
      }
      try task.report(.encoding(name: "ranges", done: done + 1, of: examples.count))
    }
    // A layer that puts out nothing has a range nevertheless.
    return ranges.mapValues { max($0, 1e-3) }
  }

  /// CIDEr-D of the captions of pictures, and of clips by all their frames.
  private func score(
    _ examples: [CaptionDataset.Example], _ captioners: [CaptionEngine], _ options: CaptionOptions
  ) throws -> Double {
    let captions = try parallelMap(
      examples, by: captioners, chunk: 16 * captioners.count,
      progress: { try task.report(.validating(done: $0, of: examples.count)) },
      work: { captioner, example in
        let best = try captioner.caption(example.images(for: captioner), options: options)
        return PTBTokenizer.words(best[0].text)
      })
    return CaptionScorer(references: CaptionEvaluation.words(examples)).scores(captions).corpus.ciderD
  }
}
