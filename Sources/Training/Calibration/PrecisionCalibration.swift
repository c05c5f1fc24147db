import Compute
import Datasets
import Foundation
import Language
import Media
import Models
import Narration
import Networks

/// Finds what a captioning model's encoder needs in order to calculate in fewer bits, and what that costs.
package struct PrecisionCalibration {
  private let task: CalibrationTask
  private let sources: [TrainingData.Source]
  private var model: CaptionModel { task.model }

  /// What `narrate calibrate precision` takes by default.
  package static let pictures = 200

  /// - Parameter task: its data sets have the split `train`, at least one of them `val`.
  package init(_ task: CalibrationTask) throws {
    self.task = task
    sources = try task.sources
  }

  /// Writes the model's `precision.json`.
  /// - Parameters:
  ///   - pictures: of `train` that the ranges are measured on, evenly over the data sets; a clip counts as one
  ///   - options: how the validation captions are made; without a style, each data set's in its own if the model has it
  package func run(pictures: Int = Self.pictures, options: CaptionOptions = CaptionOptions()) throws
    -> PrecisionFile
  {
    let styles = model.configuration.styles ?? []
    let name = task.folder.lastPathComponent
    _ = try StyleError.index(of: options.style, in: styles, model: name)
    let ranges = try ranges(of: Self.spread(pictures, over: sources.map(\.training)))
    let held = sources.filter { !$0.validation.isEmpty }
    // With the choice among a beam's captions, if there is one: it evens out what a precision changes by chance.
    let reranker = try CaptionReranker.read(of: model, in: task.folder).content
    var scores: [String: [Precision: Double]] = [:]
    for precision in [EncoderPrecision.f32, .bf16, .int8(ranges: ranges)] where precision.name.isSupported {
      let captioners = try CaptionEngine.pool(
        min(task.threads, held.map(\.validation.count).max() ?? 1), model, name: name, threads: 1,
        precision: precision, phrases: reranker?.phrases, reranker: reranker)
      for source in held {
        var options = options
        if options.style == nil, styles.contains(source.name) { options.style = source.name }
        scores[source.name, default: [:]][precision.name] = try score(source.validation, captioners, options)
      }
    }
    let file = PrecisionFile(weights: model.weightsDigest, ranges: ranges, scores: scores)
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
  private func ranges(of examples: [CaptionDataset.Example]) throws -> [String: Float] {
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
      work: { [model] captioner, example in
        let best = try captioner.caption(example.images(for: model), options: options)
        return PTBTokenizer.words(best[0].text)
      })
    return CaptionScorer(references: CaptionEvaluation.words(examples)).scores(captions).corpus.ciderD
  }
}
