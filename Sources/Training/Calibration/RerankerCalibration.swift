import Algorithms
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
  static let weights: [Float] = [0, 2, 5, 10, 15, 20, 25, 30, 40, 60]

  /// What a thing that nobody sees may cost, likewise.
  static let truths: [Float] = [0, 0.25, 0.5, 1, 2, 4]

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
    package let trials: [Trial]
    package let chosen: Trial

    /// A line a trial: the mean of the data sets, and each one's figures.
    package var text: String {
      var lines = [
        (["weight", "truth", "CIDEr-D", "CHAIRs"] + sets.flatMap { [$0, ""] }).joined(separator: "\t")
      ]
      for trial in trials {
        let figures = [(trial.meanCIDEr, trial.meanCHAIRs)] + zip(trial.cider, trial.chairs)
        lines.append(
          String(format: "%g\t%g", trial.weight, trial.truth)
            + figures.map { String(format: "\t%.4f\t%.4f", $0.0, $0.1) }.joined()
            + (trial == chosen ? "\tchosen" : ""))
      }
      return (lines + ["\(words) words, \(landmarks) landmarks", ""]).joined(separator: "\n")
    }
  }

  /// What a choice of weights gives.
  package struct Trial: Equatable {
    package let weight, truth: Float
    /// Of each data set.
    package let cider, chairs: [Double]

    var meanCIDEr: Double { cider.reduce(0, +) / Double(cider.count) }
    var meanCHAIRs: Double { chairs.reduce(0, +) / Double(chairs.count) }
    var score: Double { meanCIDEr - CaptionEvaluation.untruth * meanCHAIRs }

    package init(weight: Float, truth: Float, cider: [Double], chairs: [Double]) {
      (self.weight, self.truth, self.cider, self.chairs) = (weight, truth, cider, chairs)
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
    let chosen = Self.choice(scores.trials)
    try CaptionReranker.write(
      parts, weight: chosen.weight, truth: chosen.truth, phrases: phrases, of: model, in: task.folder)
    return Report(
      sets: scores.sets, words: parts.words.count, landmarks: parts.styles.count, trials: scores.trials,
      chosen: chosen)
  }

  /// The best but for noise, of these that with the smallest weight: heavier ones cost grammar.
  /// - Parameter trials: not empty, by weight
  package static func choice(_ trials: [Trial]) -> Trial {
    let best = trials.map(\.score).max() ?? 0
    let good = trials.filter { $0.score >= best - noise * abs(best) }
    let weight = good.map(\.weight).min() ?? 0
    // Of the trials of that weight the best.
    return good.filter { $0.weight == weight }.max { $0.score < $1.score } ?? trials[0]
  }

  /// The share of a score by which a difference says nothing.
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

  /// A caption of a beam, with what it is chosen by.
  private struct Candidate {
    let text: String
    let score, similarity: Float
    /// Nil where the model detects no words.
    let cost: Float?
  }

  /// What the weights give for the validation pictures.
  private func scores(
    _ expectation: WordExpectation, _ phrases: FamiliarPhrases, _ pool: CaptionerPool, _ beamWidth: Int
  ) throws -> (sets: [String], trials: [Trial]) {
    let held = sources.filter { !$0.validation.isEmpty }
    let beams = try held.map { try self.beams($0, expectation, pool, beamWidth) }
    let scorers = held.map { CaptionScorer(references: CaptionEvaluation.words($0.validation)) }
    let references = held.map { $0.validation.map { CaptionTruth.References($0.captions) } }
    let detects = beams.contains { $0.contains { $0.contains { $0.cost != nil } } }
    let trials = product(Self.weights, detects ? Self.truths : [0]).map { weight, truth in
      let reranker = CaptionReranker(expectation, weight: weight, truth: truth, phrases: phrases)
      let chosen = beams.map { $0.map { Self.best($0, reranker) } }
      return Trial(
        weight: weight, truth: truth,
        cider: zip(scorers, chosen).map { scorer, captions in
          scorer.scores(captions.map(PTBTokenizer.words)).corpus.ciderD
        },
        chairs: zip(references, chosen).map { references, captions in
          zip(references, captions).reduce(into: CaptionTruth()) { $0 += $1.0.judge($1.1) }.chairs ?? 0
        })
    }
    return (held.map(\.name), trials)
  }

  private static func best(_ beam: [Candidate], _ reranker: CaptionReranker) -> String {
    let costs = beam.compactMap(\.cost)
    let order = reranker.order(
      scores: beam.map(\.score), similarities: beam.map(\.similarity),
      costs: costs.count == beam.count ? costs : nil)
    return beam[order[0]].text
  }

  /// The beams of a data set's validation pictures.
  private func beams(
    _ source: TrainingData.Source, _ expectation: WordExpectation, _ pool: CaptionerPool, _ beamWidth: Int
  ) throws -> [[Candidate]] {
    let style = style(source.name)
    var options = CaptionOptions()
    (options.beamWidth, options.top) = (beamWidth, beamWidth)
    options.style = pool.styles.isEmpty ? nil : pool.styles[style]
    let examples = source.validation
    return try pool.map(
      "\(source.name) (val)", examples.count, images: { [model] in try examples[$0].images(for: model) },
      transform: { [options, model] captioner, view, _ in
        let captions = try view.features.withUnsafeRows(view.rows) {
          try captioner.captions($0, options: options)
        }
        let words = captions.map { ($0.drafted ?? $0.words.map(\.text)).map(model.vocabulary.index(of:)) }
        let similarities = expectation.similarities(words, mean: view.mean, style: style)
        return zip(captions, similarities).map {
          Candidate(text: $0.text, score: $0.score ?? 0, similarity: $1, cost: $0.support?.cost)
        }
      })
  }
}
