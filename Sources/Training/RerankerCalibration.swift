import Compute
import Foundation
import Language
import Narration
import Networks

/// Makes a captioning model's reranker: learns which words people use of pictures like those of the split `train`, and finds on
/// the split `val` how much that is to count.
package struct RerankerCalibration {
  /// Weights of the expected similarity that are tried, in log-probabilities as the beam search compares them.
  static let weights: [Float] = [0, 5, 10, 15, 20, 25, 30, 40, 60]

  private let folder: URL
  private let model: CaptionModel
  private let sources: [TrainingData.Source]
  private let precision: EncoderPrecision
  private let threads: Int
  private let report: (TrainingEvent) throws -> Void

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
  }

  /// - Parameters:
  ///   - folder: the model's
  ///   - data: data folders with the split `train`, at least one of them with `val`; told apart by their names
  package init(
    model folder: URL, data: [URL], precision: Precision, threads: Int,
    report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    self.folder = folder
    model = try CaptionModel(contentsOf: folder)
    self.precision = try precision.ofEncoder(model, folder)
    sources = try TrainingData(data.map { (dataset: try CaptionDataset(at: $0), weight: 1) }).sources
    (self.threads, self.report) = (threads, report)
  }

  /// Writes the model's `reranker.safetensors`.
  /// - Parameters:
  ///   - pictures: most pictures and clips of each data set that are learned from, evenly over it
  ///   - beamWidth: of the search that the weight is chosen for
  package func run(pictures: Int, fit: WordExpectation.Fit, beamWidth: Int) throws -> Report {
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
        .damaged, path: sources[0].path,
        reason: "no word of the vocabulary is in the captions of \(fit.leastPictures) of \(count) training "
          + "pictures")
    }
    let crew = CaptionerCrew(
      try Captioner.crew(
        threads, model, name: folder.lastPathComponent, threads: 1, precision: precision), report: report)
    let examples = try lessons.flatMap { source, chosen, captions in
      try crew.map(
        source.name, chosen.count, images: { try chosen[$0].images(for: model) },
        look: { _, view, index in
          WordExpectation.Example(mean: view.mean, style: style(source.name), captions: captions[index])
        })
    }
    // The crew's calls have left one.
    setThreadCount(threads)
    let parts = try WordExpectation.fitted(
      examples, vocabulary: model.vocabulary, styles: model.configuration.decoder.styles ?? 1, fit,
      check: { try report(.encoding(name: "words", done: 1, of: 1)) })
    guard let parts else { preconditionFailure("words were found before") }
    let scores = try scores(WordExpectation(parts), crew, beamWidth)
    let chosen = Self.choice(scores.scores)
    try CaptionReranker.write(parts, weight: chosen, of: model, in: folder)
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

  /// A data set's own style, or the model's first.
  private func style(_ name: String) -> Int { model.configuration.styles?.firstIndex(of: name) ?? 0 }

  /// What the weights give for the validation pictures.
  private func scores(
    _ expectation: WordExpectation, _ crew: CaptionerCrew, _ beamWidth: Int
  ) throws -> (sets: [String], scores: [(weight: Float, cider: [Double])]) {
    let held = sources.filter { !$0.validation.isEmpty }
    var scores = Self.weights.map { (weight: $0, cider: [Double]()) }
    for source in held {
      let style = style(source.name)
      var options = CaptionOptions()
      (options.beamWidth, options.top) = (beamWidth, beamWidth)
      options.style = crew.styles.isEmpty ? nil : crew.styles[style]
      let examples = source.validation
      let beams = try crew.map(
        "\(source.name) (val)", examples.count, images: { try examples[$0].images(for: model) },
        look: { captioner, view, _ in
          let captions = try captioner.captions(view.features, frames: view.frames, options: options)
          let words = captions.map { $0.words.map { model.vocabulary.index(of: $0.text) } }
          return (
            captions: captions,
            similarities: expectation.similarities(words, mean: view.mean, style: style)
          )
        })
      let scorer = CaptionScorer(references: CaptionEvaluation.words(examples))
      for (index, weight) in Self.weights.enumerated() {
        let reranker = CaptionReranker(expectation, weight: weight)
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
