import Compute
import Datasets
import Foundation
import Language
import Models
import Narration
import Networks
import Tensors

/// Makes a captioning model's reranker: learns which words people use of pictures like those of the split `train`, and finds on
/// the split `val` how much that is to count.
package struct RerankerCalibration {
  /// Weights of the expected similarity that are tried, in log-probabilities as the beam search compares them.
  static let weights: [Float] = [0, 5, 10, 15, 20, 25, 30, 40, 60]

  /// What an unfamiliar phrase costs, in nats: so much that few are left. CIDEr-D is a little lower with it, the captions make more
  /// sense (the default model's card).
  static let unfamiliar: Float = 2

  private let task: CalibrationTask
  private let sources: [TrainingData.Source]
  private let precision: EncoderPrecision
  private var model: CaptionModel { task.model }

  /// What `narrate calibrate reranker` takes by default.
  package static let pictures = 20_000
  package static let beamWidth = 10

  /// What each weight gives.
  package struct Report {
    /// Names of the data sets with validation pictures.
    package let sets: [String]
    /// Words that are expected, and landmarks.
    package let words, landmarks: Int
    /// For each weight the CIDEr-D of each set.
    package let scores: [(weight: Float, cider: [Double])]
    /// The smallest weight whose mean is as good as the best but for noise.
    package let chosen: Float

    /// A line a weight: the mean, and each data set's.
    package var text: String {
      var lines = [(["weight", "CIDEr-D"] + sets).joined(separator: "\t")]
      for (weight, cider) in scores {
        let mean = cider.reduce(0, +) / Double(cider.count)
        lines.append(
          String(format: "%.0f", weight) + ([mean] + cider).map { String(format: "\t%.4f", $0) }.joined()
            + (weight == chosen ? "\tchosen" : ""))
      }
      return (lines + ["\(words) words, \(landmarks) landmarks", ""]).joined(separator: "\n")
    }
  }

  /// - Parameter task: its data sets have the split `train`, at least one of them `val`.
  package init(_ task: CalibrationTask, precision: Precision) throws {
    self.task = task
    self.precision = try precision.ofEncoder(task.model, task.folder)
    sources = try task.sources
  }

  /// Writes the model's `reranker.safetensors`.
  /// - Parameters:
  ///   - pictures: most pictures and clips of each data set that are learned from, evenly over it
  ///   - beamWidth: of the search that the weight is chosen for
  package func run(
    pictures: Int = Self.pictures, fit: WordExpectation.Fit = WordExpectation.Fit(),
    beamWidth: Int = Self.beamWidth
  ) throws -> Report {
    let lessons = sources.map { source in
      let chosen = PrecisionCalibration.spread(pictures, over: [source.training])
      return (source: source, examples: chosen, captions: chosen.map { $0.captions.map(normalizedWords) })
    }
    let count = lessons.reduce(0) { $0 + $1.examples.count }
    guard count > 1,
      WordTargets.areThere(
        lessons.flatMap(\.captions), vocabulary: model.vocabulary, leastPictures: fit.leastPictures)
    else {
      throw DataError(
        .insufficient, path: sources[0].path,
        reason: "no word of the vocabulary is in the captions of \(fit.leastPictures) of \(count) training "
          + "pictures")
    }
    let phrases = FamiliarPhrases(
      phrases, qualifiers: model.vocabulary.qualifiers, cost: Self.unfamiliar)
    let pool = CaptionerPool(
      try CaptionEngine.pool(
        task.threads, model, name: task.folder.lastPathComponent, threads: 1, precision: precision,
        phrases: phrases), report: task.report)
    let examples = try lessons.flatMap { source, chosen, captions in
      let style = style(source.name)
      return try pool.map(
        source.name, chosen.count, images: { [model] in try chosen[$0].images(for: model) },
        transform: { _, view, index in
          WordExpectation.Example(mean: view.mean, style: style, captions: captions[index])
        })
    }
    let parts = try ThreadTeam(task.threads).run {
      try WordExpectation.fitted(
        examples, vocabulary: model.vocabulary, styles: model.configuration.decoder.styles ?? 1, fit,
        check: { try task.report(.encoding(name: "words", done: 1, of: 1)) })
    }
    guard let parts else { preconditionFailure("words were found before") }
    let scores = try scores(WordExpectation(parts), phrases, pool, beamWidth)
    let chosen = Self.choice(scores.scores)
    try CaptionReranker.write(parts, weight: chosen, phrases: phrases, of: model, in: task.folder)
    return Report(
      sets: scores.sets, words: parts.words.count, landmarks: parts.styles.count, scores: scores.scores,
      chosen: chosen)
  }

  /// The smallest weight whose mean over the data sets is the best but for noise.
  package static func choice(_ scores: [(weight: Float, cider: [Double])]) -> Float {
    let means = scores.map { $0.cider.reduce(0, +) / Double($0.cider.count) }
    let best = means.max() ?? 0
    return zip(scores, means).first { $0.1 >= best * (1 - noise) }?.0.weight ?? 0
  }

  /// The share of CIDEr-D by which a difference says nothing: heavier weights cost grammar.
  private static let noise = 0.01

  /// Of all training captions, and of these about the mirrored pictures.
  private var phrases: PhraseTable {
    PhraseTable(
      captions: sources.lazy.flatMap(\.training).flatMap(\.captions).flatMap { [words = model.vocabulary] in
        let caption = words.encode(normalizedWords($0), maximumWords: .max)
        return [caption, words.mirrored(caption)]
      }, qualifiers: model.vocabulary.qualifiers)
  }

  /// A data set's own style, or the model's first.
  private func style(_ name: String) -> Int { model.configuration.styles?.firstIndex(of: name) ?? 0 }

  /// What the weights give for the validation pictures.
  private func scores(
    _ expectation: WordExpectation, _ phrases: FamiliarPhrases, _ pool: CaptionerPool, _ beamWidth: Int
  ) throws -> (sets: [String], scores: [(weight: Float, cider: [Double])]) {
    let held = sources.filter { !$0.validation.isEmpty }
    var scores = Self.weights.map { (weight: $0, cider: [Double]()) }
    for source in held {
      let style = style(source.name)
      var options = CaptionOptions()
      (options.beamWidth, options.top) = (beamWidth, beamWidth)
      options.style = pool.styles.isEmpty ? nil : pool.styles[style]
      let examples = source.validation
      let beams = try pool.map(
        "\(source.name) (val)", examples.count, images: { [model] in try examples[$0].images(for: model) },
        transform: { [options, model] captioner, view, _ in
          let captions = try view.features.withUnsafeRows(view.rows) {
            try captioner.captions($0, options: options)
          }
          let words = captions.map { $0.words.map { model.vocabulary.index(of: $0.text) } }
          return (
            captions: captions,
            similarities: expectation.similarities(words, mean: view.mean, style: style)
          )
        })
      let scorer = CaptionScorer(references: CaptionEvaluation.words(examples))
      for (index, weight) in Self.weights.enumerated() {
        let reranker = CaptionReranker(expectation, weight: weight, phrases: phrases)
        let chosen = beams.map { beam in
          let best = reranker.order(
            scores: beam.captions.map { $0.score ?? 0 }, similarities: beam.similarities)[0]
          return PTBTokenizer.words(beam.captions[best].text)
        }
        scores[index].cider.append(scorer.scores(chosen).corpus.ciderD)
      }
    }
    return (held.map(\.name), scores)
  }
}
