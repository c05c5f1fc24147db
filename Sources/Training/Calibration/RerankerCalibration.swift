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
  /// What is tried for each weight; of a model that detects no words the first alone of all but the similarity.
  static let similarities: [Float] = [0, 2, 5, 10, 15, 20, 25, 30, 40, 60]
  static let detecteds: [Float] = [0, 2, 4, 8, 16]
  static let truths: [Float] = [0, 0.25, 0.5, 1, 2, 4]
  static let guidances: [Float] = [0, 1, 2, 3, 4]

  /// What a search is guided by while its captions are to be weighed.
  static let pilot = CaptionReranker.Weights(similarity: 10, detected: 2, truth: 1)

  /// What an unfamiliar phrase costs, in nats: so much that few are left. CIDEr-D is a little lower with it, the captions make more
  /// sense (the default model's card).
  static let unfamiliar: Float = 2

  private let task: CalibrationTask
  private let sources: [TrainingData.Source]
  private let precision: EncoderPrecision
  private let model: CaptionModel

  /// What `narrate calibrate reranker` takes by default.
  package static let pictures = 20_000
  package static let beamWidth = CaptionOptions().beamWidth

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
        (["guidance", "similarity", "detected", "truth", "CIDEr-D", "CHAIRs"] + sets.flatMap { [$0, ""] })
          .joined(separator: "\t")
      ]
      // Of those with the same guidance and similarity the best.
      let groups = trials.chunked {
        ($0.weights.guidance, $0.weights.similarity) == ($1.weights.guidance, $1.weights.similarity)
      }
      for trial in groups.compactMap({ $0.contains(chosen) ? chosen : $0.max { $0.score < $1.score } }) {
        let figures = [(trial.meanCIDEr, trial.meanCHAIRs)] + zip(trial.cider, trial.chairs)
        let weights = trial.weights
        lines.append(
          [weights.guidance, weights.similarity, weights.detected, weights.truth].map {
            String(format: "%g\t", $0)
          }.joined() + figures.map { String(format: "%.4f\t%.4f", $0.0, $0.1) }.joined(separator: "\t")
            + (trial == chosen ? "\tchosen" : ""))
      }
      return (lines + ["\(words) words, \(landmarks) landmarks", ""]).joined(separator: "\n")
    }
  }

  /// What a choice of weights gives.
  package struct Trial: Equatable {
    package let weights: CaptionReranker.Weights
    /// Of each data set.
    package let cider, chairs: [Double]

    var meanCIDEr: Double { cider.reduce(0, +) / Double(cider.count) }
    var meanCHAIRs: Double { chairs.reduce(0, +) / Double(chairs.count) }
    var score: Double { CaptionEvaluation.score(cider: meanCIDEr, chairs: meanCHAIRs) }

    package init(_ weights: CaptionReranker.Weights, cider: [Double], chairs: [Double]) {
      (self.weights, self.cider, self.chairs) = (weights, cider, chairs)
    }
  }

  /// - Parameter task: its data sets have the split `train`, at least one of them `val`.
  package init(_ task: CalibrationTask, precision: Precision) throws {
    self.task = task
    model = try task.trainedModel
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
      writtenIn: sources.map(\.training), vocabulary: model.vocabulary, cost: Self.unfamiliar)
    let pool = try pool(nil)
    let examples = try lessons.flatMap { source, chosen, captions in
      let style = style(source.name)
      return try pool.map(
        source.name, chosen.count, images: { try chosen[$1].images(for: $0) },
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
    let expectation = WordExpectation(parts)
    let detects = try model.foundWords() != nil
    let trials = try (detects ? Self.guidances : [0]).flatMap { guidance in
      var pilot = detects ? Self.pilot : CaptionReranker.Weights(similarity: Self.pilot.similarity)
      pilot.guidance = guidance
      let pool = try self.pool(CaptionReranker(expectation, pilot, phrases: phrases))
      return try self.trials(guidance, pool, detects: detects, beamWidth)
    }
    let chosen = Self.choice(trials)
    try CaptionReranker.write(parts, chosen.weights, phrases: phrases, of: model, in: task.folder)
    return Report(
      sets: held.map(\.name), words: parts.words.count, landmarks: parts.styles.count, trials: trials,
      chosen: chosen)
  }

  /// Captioners, of one thread each.
  private func pool(_ reranker: CaptionReranker?) throws -> CaptionerPool {
    CaptionerPool(
      try CaptionEngine.pool(
        task.threads, task.model, name: task.folder.lastPathComponent, threads: 1, precision: precision,
        phrases: reranker?.phrases, reranker: reranker), report: task.report)
  }

  /// The data sets that weights are chosen on.
  private var held: [TrainingData.Source] { sources.filter { !$0.validation.isEmpty } }

  /// The best but for noise, of these that with the smallest weight of similarity: heavier ones cost grammar.
  /// - Parameter trials: not empty, by weight
  package static func choice(_ trials: [Trial]) -> Trial {
    let best = trials.map(\.score).max() ?? 0
    let good = trials.filter { $0.score >= best - noise * abs(best) }
    let similarity = good.map(\.weights.similarity).min() ?? 0
    // Of the trials of that weight the best.
    return good.filter { $0.weights.similarity == similarity }.max { $0.score < $1.score } ?? trials[0]
  }

  /// The share of a score by which a difference says nothing.
  private static let noise = 0.01

  /// A data set's own style, or the model's first.
  private func style(_ name: String) -> Int { model.configuration.styles?.firstIndex(of: name) ?? 0 }

  /// A caption of a beam: what it is chosen by, and how good it is.
  private struct Candidate {
    let by: CaptionReranker.Candidate
    let cider: Double
    let isUntrue: Bool
  }

  /// What the weights give for the validation pictures.
  /// - Parameter pool: captioners with the guidance
  private func trials(
    _ guidance: Float, _ pool: CaptionerPool, detects: Bool, _ beamWidth: Int
  ) throws -> [Trial] {
    let beams = try held.map { try self.beams($0, pool, beamWidth) }
    let weights = product(
      Self.similarities, product(detects ? Self.detecteds : [0], detects ? Self.truths : [0]))
    return weights.map { similarity, more in
      let weights = CaptionReranker.Weights(
        similarity: similarity, detected: more.0, truth: more.1, guidance: guidance)
      let chosen = beams.map { $0.map { beam in beam[weights.order(beam.map(\.by))[0]] } }
      return Trial(
        weights, cider: chosen.map { set in set.reduce(0) { $0 + $1.cider } / Double(set.count) },
        chairs: chosen.map { set in Double(set.count(where: \.isUntrue)) / Double(set.count) })
    }
  }

  /// The beams of a data set's validation pictures.
  private func beams(
    _ source: TrainingData.Source, _ pool: CaptionerPool, _ beamWidth: Int
  ) throws -> [[Candidate]] {
    var options = CaptionOptions()
    options.beamWidth = beamWidth
    options.style = pool.styles.isEmpty ? nil : pool.styles[style(source.name)]
    let examples = source.validation
    let beams = try pool.map(
      "\(source.name) (val)", examples.count, images: { try examples[$1].images(for: $0) },
      transform: { [options] captioner, view, _ in
        try view.features.withUnsafeRows(view.rows) { try captioner.beam($0, options: options) }
      })
    let scorer = CaptionScorer(references: CaptionEvaluation.words(examples))
    return beams.enumerated().map { index, captions in
      let references = CaptionTruth.References(examples[index].captions)
      return captions.compactMap { caption in
        guard let candidate = caption.candidate else { return nil }
        return Candidate(
          by: candidate, cider: scorer.ciderD(PTBTokenizer.words(caption.text), image: index),
          isUntrue: !references.unseen(caption.text).isEmpty)
      }
    }
  }
}
