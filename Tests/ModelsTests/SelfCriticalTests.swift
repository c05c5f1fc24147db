import Foundation
import Language
import Models
import Networks
import Tensors
import Testing

/// A decoder so small that the probabilities of all its captions can be computed: a photograph and a clip of two frames, two
/// styles, four words, captions of up to three.
struct TinyProblem {
  static let maximumWords = 3
  let positions = 4
  let frames = [1, 2]
  let styles = [1, 0]
  var decoder: CaptionDecoder
  let features: Tensor
  /// All captions that can be made.
  let captions: [[Int32]]

  init(transformer: Bool = false) {
    let sizes = DecoderSizes(
      words: 8, channels: 5, embedding: 8, hidden: 8, attention: 6, projection: 6, styles: 2,
      frameKnots: 2,
      transformer: transformer ? TransformerSizes(layers: 2, heads: 2, feedForward: 9) : nil)
    var random = Optional(RandomGenerator(seed: 21))
    decoder = CaptionDecoder(sizes, using: &random)
    // Far from uniform, and the words that are never drawn would be likely.
    decoder.output.weight = Tensor(shape: decoder.output.weight.shape, normal: 2, using: &random)
    for word in Vocabulary.unwritten { decoder.output.bias.mutablePointer[Int(word)] = 2 }
    features = Tensor(shape: [3, positions, sizes.channels], normal: 1, using: &random)
    var (open, closed): ([[Int32]], [[Int32]]) = ([[Vocabulary.beginning]], [])
    for _ in 0..<Self.maximumWords {
      closed += open.map { $0 + [Vocabulary.end] }
      open = open.flatMap { caption in (4..<8).map { caption + [$0] } }
    }
    captions = closed + open.map { $0 + [Vocabulary.end] }
  }

  /// The sum of the captions' log-probabilities, each by its weight, and the gradient of minus that.
  func logProbability(
    _ decoder: CaptionDecoder, _ captions: [[Int32]], image: Int, weights: [Float],
    gradient: inout CaptionDecoder?
  ) -> Double {
    let batch = CaptionBatch(
      images: 2, captions: captions.map { (words: $0, image: image) }, frames: frames, styles: styles,
      weights: weights, maximumWords: Self.maximumWords)
    let loss = TeacherForcing().run(
      decoder, features: features.rows, positions: positions, batch: batch, regularization: .none,
      totals: .init(words: 1, captions: 1), seed: 0, gradient: &gradient)
    return -loss.crossEntropy
  }

  func probabilities(_ decoder: CaptionDecoder, image: Int) -> [Double] {
    var none: CaptionDecoder?
    return captions.map {
      exp(logProbability(decoder, [$0], image: image, weights: [1], gradient: &none))
    }
  }

  func sample(_ count: Int, seed: UInt64) -> [[CaptionSampler.Sample]] {
    var random = RandomGenerator(seed: seed)
    return CaptionSampler().captions(
      decoder, features: features.rows, frames: frames, styles: styles, positions: positions, count: count,
      maximumWords: Self.maximumWords, using: &random)
  }
}

@Suite struct SelfCriticalTests {
  @Test(arguments: [false, true]) func captionsAreDrawnAsProbableAsTheyAre(transformer: Bool) {
    let problem = TinyProblem(transformer: transformer)
    let draws = 20_000
    let samples = problem.sample(draws, seed: 5)
    for image in 0..<2 {
      let probabilities = problem.probabilities(problem.decoder, image: image)
      #expect(abs(probabilities.reduce(0, +) - 1) < 1e-5)
      let counts = Dictionary(grouping: samples[image], by: \.words).mapValues(\.count)
      #expect(Set(counts.keys).isSubset(of: problem.captions))
      var (square, freedom, restExpected, restFound) = (0.0, 0.0, 0.0, 0.0)
      for (caption, probability) in zip(problem.captions, probabilities) {
        let (expected, found) = (probability * Double(draws), Double(counts[caption] ?? 0))
        if expected < 5 {
          (restExpected, restFound) = (restExpected + expected, restFound + found)
        } else {
          square += (found - expected) * (found - expected) / expected
          freedom += 1
        }
      }
      square += (restFound - restExpected) * (restFound - restExpected) / max(restExpected, 1)
      #expect(freedom > (transformer ? 5 : 15))
      // Three standard deviations above the mean.
      #expect(square < freedom + 3 * (2 * freedom).squareRoot(), "chi-square \(square) of \(freedom)")
    }
  }

  @Test(arguments: [false, true]) func aSampleKnowsItsLogProbability(transformer: Bool) {
    let problem = TinyProblem(transformer: transformer)
    var none: CaptionDecoder?
    for (image, samples) in problem.sample(20, seed: 6).enumerated() {
      for sample in samples {
        let expected = problem.logProbability(
          problem.decoder, [sample.words], image: image, weights: [1], gradient: &none)
        #expect(abs(sample.logProbability - expected) < 1e-4)
      }
    }
  }

  @Test(arguments: [false, true]) func theSeedDecidesWhatIsDrawn(transformer: Bool) {
    let problem = TinyProblem(transformer: transformer)
    let first = problem.sample(10, seed: 7).map { $0.map(\.words) }
    #expect(problem.sample(10, seed: 7).map { $0.map(\.words) } == first)
    #expect(problem.sample(10, seed: 8).map { $0.map(\.words) } != first)
    // One caption after the other, from the same numbers: what is drawn does not depend on the others.
    var random = RandomGenerator(seed: 7)
    let sampler = CaptionSampler()
    let alone = (0..<10).map { _ in
      sampler.captions(
        problem.decoder, features: problem.features.rows[0..<problem.positions], frames: [1], styles: [1],
        positions: problem.positions, count: 1, maximumWords: TinyProblem.maximumWords, using: &random
      )[0][0].words
    }
    #expect(alone == first[0])
  }

  /// The gradient that REINFORCE estimates, with all captions in place of a sample.
  @Test(arguments: [false, true]) func theExpectedRewardsGradientMatchesFiniteDifferences(transformer: Bool)
    throws
  {
    let problem = TinyProblem(transformer: transformer)
    var random = RandomGenerator(seed: 10)
    let rewards = problem.captions.map { _ in Double(random.uniform()) - 0.5 }
    func expected(_ decoder: CaptionDecoder) -> Double {
      zip(problem.probabilities(decoder, image: 1), rewards).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let weights = zip(problem.probabilities(problem.decoder, image: 1), rewards).map { Float($0 * $1) }
    #expect(weights.contains { $0 < 0 } && weights.contains { $0 > 0 })
    var gradient: CaptionDecoder? = problem.decoder.zeros
    _ = problem.logProbability(
      problem.decoder, problem.captions, image: 1, weights: weights, gradient: &gradient)
    for parameter in problem.decoder.parameters {
      let computed = try #require(gradient)[keyPath: parameter.path]
      for index in stride(from: 0, to: computed.count, by: max(1, computed.count / 5)) {
        let step: Float = 2e-3
        func moved(_ by: Float) -> Double {
          var copy = problem.decoder
          copy[keyPath: parameter.path].mutablePointer[index] += by
          return expected(copy)
        }
        let difference = (moved(step) - moved(-step)) / Double(2 * step)
        let found = -Double(computed.values[index])
        #expect(
          abs(difference - found) < 2e-4,
          "\(parameter.name)[\(index)]: \(found), by differences \(difference)")
      }
    }
  }

  @Test func trainingRaisesTheExpectedReward() throws {
    var problem = TinyProblem()
    let reward = CaptionReward(references: [[[1, 5, 4, 2]], [[1, 6, 7, 2]]])
    func expected() -> Double {
      zip(problem.captions, problem.probabilities(problem.decoder, image: 0)).reduce(0) {
        $0 + $1.1 * reward.score($1.0, image: 0)
      }
    }
    let before = expected()
    var optimizer = AdamW(problem.decoder)
    for step in 0..<60 {
      let samples = problem.sample(10, seed: UInt64(step))[0].map(\.words)
      let weights = CaptionReward.advantages(samples.map { reward.score($0, image: 0) }).map {
        $0 / Float(samples.count)
      }
      var gradient: CaptionDecoder? = problem.decoder.zeros
      _ = problem.logProbability(problem.decoder, samples, image: 0, weights: weights, gradient: &gradient)
      optimizer.update(&problem.decoder, gradient: try #require(gradient), rate: 0.01)
    }
    let after = expected()
    // The reference itself has 7.5: it has no four words in a row.
    #expect(before < 2 && after > 7, "\(before) before, \(after) after")
  }
}
