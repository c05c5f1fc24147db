import Compute
import Language
import Models
import Networks
import Tensors
import Testing

@Suite struct OverfittingTests {
  /// Ten pictures with ten sentences are learned by heart, and the beam says them.
  @Test(arguments: [nil, TransformerSizes(layers: 2, heads: 4, feedForward: 64)])
  func tenExamplesAreLearned(transformer: TransformerSizes?) throws {
    var random = Optional(RandomGenerator(seed: 12))
    let sizes = DecoderSizes(
      words: 24, channels: 32, embedding: 48, hidden: 48, attention: 24, projection: 32,
      transformer: transformer)
    let positions = 4
    var decoder = CaptionDecoder(sizes, using: &random)
    let features = Tensor(shape: [10, positions, sizes.channels], uniform: 1, using: &random)
    var choice = RandomGenerator(seed: 13)
    let sentences: [[Int32]] = (0..<10).map { _ in
      let words = (0..<3 + choice.integer(below: 5)).map { _ in Int32(4 + choice.integer(below: 20)) }
      let different = zip(words, words.dropFirst() + [-1]).filter { $0 != $1 }.map(\.0)
      return [Vocabulary.beginning] + different + [Vocabulary.end]
    }
    let batch = CaptionBatch(images: 10, captions: sentences.enumerated().map { ($1, $0) })
    let totals = TeacherForcing.Totals(words: batch.rows, captions: 10)
    var optimizer = AdamW(decoder)
    let pass = TeacherForcing()
    var loss = Double.infinity
    for _ in 0..<400 {
      var gradient: CaptionDecoder? = decoder.zeros
      loss =
        pass.run(
          decoder, features: features.rows, positions: positions, batch: batch, regularization: .none,
          totals: totals, seed: 0, gradient: &gradient
        ).crossEntropy / Double(batch.rows)
      optimizer.update(&decoder, gradient: try #require(gradient), rate: 5e-3)
    }
    #expect(loss < 0.02)
    let generator = CaptionGenerator(
      FixedDecoder(decoder), positions: positions, width: 3, lengthExponent: 0.7)
    for (index, sentence) in sentences.enumerated() {
      let image = features.rows[index * positions..<(index + 1) * positions]
      #expect(generator.captions(image, maximumWords: 20)[0].words == Array(sentence.dropFirst()))
    }
  }
}
