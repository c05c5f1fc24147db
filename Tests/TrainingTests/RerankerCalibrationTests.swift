import Datasets
import Foundation
import Language
import Media
import Models
import Narration
import Tensors
import Testing
import Training

@Suite struct WordExpectationFitTests {
  private static let vocabulary = Vocabulary(words: Vocabulary.specials + ["a", "ball", "cat", "dog", "sea"])

  /// Pictures of dogs and of cats, which lie apart; each also shows one of two things.
  private static func examples(_ count: Int, seed: UInt64) -> [WordExpectation.Example] {
    var random = RandomGenerator(seed: seed)
    return (0..<count).map { index in
      let (animal, thing) = (index % 2, index / 2 % 2)
      var mean = (0..<EfficientNetLite.channels).map { _ in 0.02 * random.uniform() }
      mean[3] += Float(animal)
      mean[7] += Float(thing)
      let words = ["a", ["dog", "cat"][animal], ["ball", "sea"][thing]]
      return WordExpectation.Example(mean: mean, style: 0, captions: [words, words + ["unheard"]])
    }
  }

  private static func index(_ words: [String]) -> [Int32] { words.map { vocabulary.index(of: $0) } }

  @Test func wordsAreLearnedFromPictures() throws {
    var fit = WordExpectation.Fit()
    (fit.landmarks, fit.leastPictures, fit.axes) = (30, 2, 4)
    let parts = try #require(
      try WordExpectation.fitted(Self.examples(80, seed: 1), vocabulary: Self.vocabulary, styles: 1, fit))
    // "a" is in all captions and says nothing, but it is expected.
    #expect(parts.words.values == [4, 5, 6, 7, 8])
    #expect(parts.rarities.values[4] == 0 && abs(parts.rarities.values[7] - log(2)) < 1e-6)
    #expect(parts.landmarks.shape == [30, 4] && parts.topics.shape == [5, 30])
    let expectation = WordExpectation(parts)
    for example in Self.examples(8, seed: 2) {
      let right = Self.index(Array(example.captions[0]))
      let captions = ["dog", "cat"].flatMap { animal in
        ["ball", "sea"].map { Self.index(["a", animal, $0]) }
      }
      let similarities = expectation.similarities(captions, mean: example.mean, style: 0)
      let best = similarities.indices.max { similarities[$0] < similarities[$1] } ?? 0
      #expect(captions[best] == right)
      #expect(
        similarities[best] > 0.9 && similarities[best] < 1.05
          && similarities.filter { $0 > similarities[best] - 0.2 }.count == 1)
    }
  }

  /// Two styles that say other words of the same pictures, and a third that says nothing.
  @Test func stylesHaveTheirOwnWords() throws {
    var fit = WordExpectation.Fit()
    (fit.landmarks, fit.leastPictures, fit.axes) = (60, 2, 4)
    let examples = Self.examples(120, seed: 1).enumerated().map { index, example in
      WordExpectation.Example(
        mean: example.mean, style: index % 3 == 0 ? 0 : 1,
        captions: index % 3 == 0 ? example.captions : [["a", "sea"]])
    }
    let parts = try #require(
      try WordExpectation.fitted(examples, vocabulary: Self.vocabulary, styles: 3, fit))
    let similarities = (0..<3).map { style in
      WordExpectation(parts).similarities(
        [Self.index(["dog", "ball"]), Self.index(["sea"])], mean: Self.examples(1, seed: 3)[0].mean,
        style: style)
    }
    #expect(similarities[0][0] > similarities[0][1] + 0.3 && similarities[1][1] > similarities[1][0] + 0.3)
    // Of the style without pictures what all pictures have in common is expected.
    let means = parts.means.values
    let count = parts.words.count
    for word in 0..<count {
      #expect(abs(means[2 * count + word] - (means[word] + 2 * means[count + word]) / 3) < 1e-5)
    }
  }

  @Test func wordsOfFewPicturesAreNotExpected() throws {
    var fit = WordExpectation.Fit()
    (fit.landmarks, fit.leastPictures, fit.axes) = (30, 41, 4)
    let examples = Self.examples(80, seed: 1)
    let parts = try WordExpectation.fitted(examples, vocabulary: Self.vocabulary, styles: 1, fit)
    #expect(parts?.words.values == [4])
    fit.leastPictures = 81
    let none = try WordExpectation.fitted(examples, vocabulary: Self.vocabulary, styles: 1, fit)
    #expect(none == nil)
  }

  /// More landmarks and axes than pictures, and pictures that are all the same.
  @Test func fewPicturesDo() throws {
    var fit = WordExpectation.Fit()
    fit.leastPictures = 1
    let example = Self.examples(1, seed: 1)[0]
    for examples in [Self.examples(3, seed: 1), [example, example]] {
      let parts = try #require(
        try WordExpectation.fitted(examples, vocabulary: Self.vocabulary, styles: 1, fit))
      let similarities = WordExpectation(parts).similarities(
        [Self.index(example.captions[0])], mean: example.mean, style: 0)
      #expect(similarities.allSatisfy { $0.isFinite })
    }
  }
}

@Suite struct RerankerCalibrationTests {
  private func calibration(_ laboratory: Laboratory, _ model: URL, _ data: [String]) throws
    -> RerankerCalibration
  {
    try RerankerCalibration(laboratory.task(model, data), precision: .f32)
  }

  @Test func theModelFolderGetsAReranker() throws {
    let laboratory = try Laboratory()
    try laboratory.addClips()
    let folder = try laboratory.train("run", on: ["data", "clips"])
    var fit = WordExpectation.Fit()
    fit.leastPictures = 1
    let report = try calibration(laboratory, folder, ["clips", "data"]).run(
      pictures: 3, fit: fit, beamWidth: 3)
    #expect(report.sets == ["clips", "data"] && report.landmarks == 6 && report.words > 3)
    #expect(report.trials.allSatisfy { $0.cider.count == 2 && $0.chairs == [0, 0] && $0.weights.truth == 0 })
    #expect(
      report.trials[0].weights.similarity == 0 && report.trials.count == 10,
      "without a detector no truth is tried")
    let model = try CaptionModel(contentsOf: folder)
    let reranker = try #require(try CaptionReranker.read(of: model, in: folder).content)
    #expect(reranker.weights == report.chosen.weights)
    // What people wrote costs nothing, with and without qualifiers, and the same backwards does.
    func cost(_ words: [Int32]) -> Float { reranker.phrases.cost(of: [Vocabulary.beginning] + words) }
    let written = try CaptionDataset(at: laboratory.output("data")).examples(in: "train").flatMap(\.captions)
      .map { model.vocabulary.encode(normalizedWords($0), maximumWords: .max).dropFirst() }
      .filter { !$0.contains(Vocabulary.unknown) }
    #expect(written.contains { !model.vocabulary.qualifiers.isDisjoint(with: $0) })
    #expect(written.allSatisfy { cost(Array($0)) == 0 && cost($0.dropLast().reversed()) > 0 })
    // What was foretold is what is found.
    let examples = try CaptionDataset(at: laboratory.output("clips")).examples(in: "val")
    let captioner = try CaptionEngine(model: folder)
    var options = CaptionOptions()
    options.style = "clips"
    let captions = try examples.map { example in
      let images = try example.files.map { try Picture(contentsOf: $0).image }
      return try captioner.caption(images, options: options)[0].text
    }
    let cider = CaptionScorer(references: CaptionEvaluation.words(examples)).scores(
      captions.map(PTBTokenizer.words)
    ).corpus.ciderD
    #expect(abs(cider - report.chosen.cider[0]) < 1e-9)
    // Precisions are compared by captions that are chosen so.
    let precision = try PrecisionCalibration(laboratory.task(folder, ["clips", "data"])).run(pictures: 2)
    #expect(precision.ciderBySource?["clips"]?[.f32] == cider)
  }

  @Test func dataWithoutCommonWordsIsRefused() throws {
    let laboratory = try Laboratory()
    laboratory.settings.optimization.epochs = 1
    let folder = try laboratory.train("run")
    #expect {
      _ = try calibration(laboratory, folder, ["data"]).run(
        pictures: 100, fit: WordExpectation.Fit(), beamWidth: 3)
    } throws: { ($0 as? DataError)?.reason.contains("25 of 6 training pictures") == true }
  }

  @Test func theSmallestWeightThatIsAsGoodIsChosen() {
    typealias Trial = RerankerCalibration.Trial
    func choice(_ trials: [(Float, Float, [Double], [Double])]) -> [Float] {
      let chosen = RerankerCalibration.choice(
        trials.map { Trial(.init(similarity: $0.0, truth: $0.1), cider: $0.2, chairs: $0.3) })
      return [chosen.weights.similarity, chosen.weights.truth]
    }
    let none = [0.0]
    #expect(
      choice([(0, 0, [0.5], none), (5, 0, [0.6], none), (10, 0, [0.605], none), (20, 0, [0.59], none)])
        == [5, 0])
    #expect(choice([(0, 0, [0.5, 0.7], [0, 0]), (5, 0, [0.4, 0.7], [0, 0])]) == [0, 0])
    // What is untrue counts, the mean of the data sets'.
    #expect(
      choice([(5, 0, [0.6, 0.6], [0.3, 0.1]), (5, 1, [0.5, 0.5], [0.1, 0]), (5, 2, [0.4, 0.4], [0, 0])]) == [
        5, 1,
      ])
  }
}

extension WordExpectation {
  /// Of each caption, see `similarity`.
  fileprivate func similarities(_ captions: [[Int32]], mean: [Float], style: Int) -> [Float] {
    let expected = words(mean: mean, style: style)
    return captions.map { similarity($0, expected) }
  }
}
