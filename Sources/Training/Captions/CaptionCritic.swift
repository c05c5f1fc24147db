import Language
import Models
import Narration
import Tensors

/// What self-critical training learns: captions that the decoder draws, each weighed by how much better it scores than the
/// others of its picture.
struct CaptionCritic: Sendable {
  /// Of each data set, over its training pictures.
  private let rewards: [CaptionReward]
  /// What people say of the training pictures of each data set; empty where nothing costs anything.
  private let truths: [[CaptionTruth.References]]
  private let costs: TruthCosts
  /// Nil where other phrases cost nothing.
  private let phrases: FamiliarPhrases?
  private let captions: TrainingCaptions
  /// Captions drawn of a picture.
  let samples: Int
  private let maximumWords: Int

  init(
    _ captions: TrainingCaptions, of data: TrainingData, samples: Int, costs: TruthCosts, maximumWords: Int
  ) {
    truths =
      costs.areNone
      ? [] : data.sources.map { $0.training.map { CaptionTruth.References($0.captions) } }
    self.costs = costs
    phrases =
      costs.phrase == 0
      ? nil
      : FamiliarPhrases(
        writtenIn: data.sources.map(\.training), vocabulary: captions.vocabulary, cost: Float(costs.phrase))
    rewards = captions.encoded.map { CaptionReward(references: $0) }
    (self.captions, self.samples, self.maximumWords) = (captions, samples, maximumWords)
  }

  /// Draws captions for the pictures of a shard.
  /// - Parameter features: [frames * positions, channels]
  /// - Throws: `DivergedError` where the decoder's scores are no numbers.
  /// - Returns: the captions with their weights, and the sums of their rewards and of their negative log-probabilities.
  func batch(
    _ decoder: CaptionDecoder, _ examples: [TrainingExample], features: Rows,
    positions: Int, sampler: CaptionSampler, using random: inout RandomGenerator
  ) throws -> (batch: CaptionBatch, loss: CaptionLoss) {
    let (frames, styles) = (examples.map(\.frames.count), examples.map(\.style))
    let drawn = sampler.captions(
      decoder, features: features, frames: frames, styles: styles, positions: positions, count: samples,
      maximumWords: maximumWords, using: &random)
    guard drawn.joined().allSatisfy({ $0.logProbability.isFinite }) else { throw DivergedError() }
    var loss = CaptionLoss()
    var (words, weights) = ([(words: [Int32], image: Int)](), [Float]())
    for (image, (example, drafts)) in zip(examples, drawn).enumerated() {
      // What people wrote is about the picture as it was.
      let rewards = drafts.map { draft in
        reward(example.isMirrored ? captions.mirrored(draft.words) : draft.words, example)
      }
      words += drafts.map { ($0.words, image) }
      weights += CaptionReward.advantages(rewards)
      loss.reward += rewards.reduce(0, +)
      loss.captions += drafts.count
      loss.words += drafts.reduce(0) { $0 + $1.words.count - 1 }
      loss.crossEntropy -= drafts.reduce(0) { $0 + $1.logProbability }
    }
    let batch = CaptionBatch(
      images: examples.count, captions: words, frames: frames, styles: styles, weights: weights,
      maximumWords: maximumWords)
    return (batch, loss)
  }

  /// What a caption of a training picture is worth.
  private func reward(_ words: [Int32], _ example: TrainingExample) -> Double {
    var score = rewards[example.style].score(words, image: example.index)
    if let phrases { score -= Double(phrases.cost(of: words)) }
    guard !truths.isEmpty else { return score }
    let text = captions.vocabulary.text(words)
    return score - truths[example.style][example.index].cost(text, costs)
  }
}
