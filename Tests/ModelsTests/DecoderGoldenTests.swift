import Language
import Models
import Networks
import Tensors
import Testing

/// The decoder against PyTorch: `Fixtures/make_decoder_golden.py`.
@Suite struct DecoderGoldenTests {
  private let golden: SafetensorsFile
  private let decoder: CaptionDecoder
  private let batch = CaptionBatch(
    images: 2,
    captions: [([1, 4, 5, 2], 0), ([1, 6, 7, 8, 9, 2], 1), ([1, 2], 1), ([1, 10, 11, 12, 4, 2], 0)])

  init() throws {
    golden = try goldenFile("decoder_golden")
    decoder = try CaptionDecoder(
      DecoderSizes(words: 13, channels: 9, embedding: 6, hidden: 8, attention: 5, projection: 7),
      from: golden)
  }

  @Test func lossAndEveryGradientEqualPyTorch() throws {
    let features = try golden.tensor("features", shape: [2, 4, 9])
    var regularization = Regularization.none
    (regularization.labelSmoothing, regularization.attentionPenalty) = (0.1, 1)
    var gradient: CaptionDecoder? = decoder.zeros
    let totals = TeacherForcing.Totals(words: batch.rows, captions: batch.captions)
    let loss = TeacherForcing().run(
      decoder, features: features.rows, positions: 4, batch: batch, regularization: regularization,
      totals: totals,
      seed: 0, gradient: &gradient)
    let penalty = loss.attentionPenalty / Double(batch.captions)
    #expect(abs(penalty - Double(try golden.tensor("penalty").values[0])) < 1e-5)
    let total = loss.crossEntropy / Double(loss.words) + penalty
    #expect(abs(total - Double(try golden.tensor("loss").values[0])) < 1e-5)
    try expectGradients(try #require(gradient), equal: golden)
  }

  /// Data in shards gives the gradient of the whole batch.
  @Test func gradientsOfPartsAddUp() throws {
    let features = try golden.tensor("features")
    let totals = TeacherForcing.Totals(words: batch.rows, captions: batch.captions)
    var whole: CaptionDecoder? = decoder.zeros
    var parts: CaptionDecoder? = decoder.zeros
    var regularization = Regularization.none
    regularization.attentionPenalty = 1
    let pass = TeacherForcing()
    func run(_ batch: CaptionBatch, _ image: Int, _ gradient: inout CaptionDecoder?) {
      _ = pass.run(
        decoder, features: features.rows[4 * image..<4 * (image + batch.images)], positions: 4, batch: batch,
        regularization: regularization,
        totals: totals, seed: 0, gradient: &gradient)
    }
    run(batch, 0, &whole)
    run(CaptionBatch(images: 1, captions: [([1, 4, 5, 2], 0), ([1, 10, 11, 12, 4, 2], 0)]), 0, &parts)
    run(CaptionBatch(images: 1, captions: [([1, 6, 7, 8, 9, 2], 0), ([1, 2], 0)]), 1, &parts)
    for parameter in decoder.parameters {
      let (a, b) = (
        try #require(whole)[keyPath: parameter.path], try #require(parts)[keyPath: parameter.path]
      )
      for (x, y) in zip(a.values, b.values) { #expect(abs(x - y) < 1e-5, "\(parameter.name)") }
    }
  }

  /// A caption's attention is that of the looks that its words were read off.
  @Test func attentionIsOfTheLookThatChoseTheWord() throws {
    let features = try golden.tensor("features")
    let caption = CaptionGenerator(FixedDecoder(decoder), positions: 4, width: 1, lengthExponent: 0.7)
      .captions(features.rows[4..<8], maximumWords: 4)[0]
    let words = try golden.tensor("greedy.words", shape: [4])
    #expect(caption.words == words.values.map { Int32($0) } + [Vocabulary.end])
    let expected = try golden.tensor("greedy.attention", shape: [4, 4])
    let pairs = zip(caption.attention.prefix(4).joined(), expected.values)
    let worst = pairs.map { $0.isNaN ? .infinity : abs($0 - $1) }.max()
    #expect(try #require(worst) < 5e-4)
  }
}

/// A Transformer against PyTorch: `Fixtures/make_transformer_golden.py`.
@Test func aTransformersLossAndGradientsEqualPyTorch() throws {
  let golden = try goldenFile("transformer_golden")
  let decoder = try CaptionDecoder(
    DecoderSizes(
      words: 13, channels: 9, embedding: 8, hidden: 8, attention: 6, projection: 7, styles: 2,
      frameKnots: 3,
      transformer: TransformerSizes(layers: 2, heads: 2, feedForward: 10)), from: golden)
  let batch = CaptionBatch(
    images: 2,
    captions: [([1, 4, 5, 2], 0), ([1, 6, 7, 8, 9, 2], 1), ([1, 2], 1), ([1, 10, 11, 12, 4, 2], 0)],
    frames: [1, 2], styles: [1, 0])
  var regularization = Regularization.none
  regularization.labelSmoothing = 0.1
  var gradient: CaptionDecoder? = decoder.zeros
  let features = try golden.tensor("features", shape: [3, 4, 9])
  let loss = TeacherForcing().run(
    decoder, features: features.rows, positions: 4, batch: batch, regularization: regularization,
    totals: .init(words: batch.rows, captions: batch.captions), seed: 0, gradient: &gradient)
  #expect(loss.attentionPenalty == 0)
  #expect(abs(loss.crossEntropy / Double(loss.words) - Double(try golden.tensor("loss").values[0])) < 1e-5)
  try expectGradients(try #require(gradient), equal: golden)
}
