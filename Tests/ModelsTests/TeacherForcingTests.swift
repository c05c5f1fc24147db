import Models
import Networks
import Tensors
import Testing

@Suite struct TeacherForcingTests {
  let sizes = [
    DecoderSizes(
      words: 13, channels: 9, embedding: 6, hidden: 8, attention: 5, projection: 7, styles: 2,
      frameKnots: 3),
    DecoderSizes(
      words: 13, channels: 9, embedding: 8, hidden: 8, attention: 6, projection: 7, styles: 2,
      frameKnots: 3,
      transformer: TransformerSizes(layers: 2, heads: 3, feedForward: 10)),
  ]
  let positions = 4

  /// A decoder, the features of a photograph and of a clip of four frames, and four captions of different lengths.
  /// - Parameter core: 0 is an LSTM, 1 a Transformer.
  private func problem(_ core: Int) -> (decoder: CaptionDecoder, features: Tensor, batch: CaptionBatch) {
    var random = Optional(RandomGenerator(seed: 3))
    var decoder = CaptionDecoder(sizes[core], using: &random)
    // No small change takes these across their ReLU's edge.
    for parameter in decoder.parameters where parameter.name.hasSuffix("feed.inner.bias") {
      for unit in 0..<10 {
        decoder[keyPath: parameter.path].mutablePointer[unit] = unit % 2 == 0 ? 3 : -3
      }
    }
    let features = Tensor(shape: [5, positions, decoder.sizes.channels], normal: 1, using: &random)
    let captions: [(words: [Int32], image: Int)] = [
      ([1, 4, 5, 2], 0), ([1, 6, 7, 8, 9, 2], 1), ([1, 2], 1), ([1, 10, 11, 12, 4, 2], 0),
    ]
    return (decoder, features, CaptionBatch(images: 2, captions: captions, frames: [1, 4], styles: [1, 0]))
  }

  private func loss(
    _ decoder: CaptionDecoder, _ features: Tensor, _ batch: CaptionBatch, _ regularization: Regularization,
    gradient: inout CaptionDecoder?, featureGradient: MutableRows? = nil
  ) -> Double {
    let totals = TeacherForcing.Totals(words: batch.rows, captions: batch.captions)
    let loss = TeacherForcing().run(
      decoder, features: features.rows, positions: positions, batch: batch, regularization: regularization,
      totals: totals, seed: 77, gradient: &gradient, featureGradient: featureGradient)
    return loss.crossEntropy / Double(totals.words)
      + Double(regularization.attentionPenalty) * loss.attentionPenalty / Double(totals.captions)
  }

  @Test(arguments: [0, 1], [false, true])
  func gradientsMatchFiniteDifferences(core: Int, regularized: Bool) throws {
    let (decoder, features, batch) = problem(core)
    try expectFiniteDifferences(decoder, features, batch, regularized ? Regularization() : .none)
  }

  private func expectFiniteDifferences(
    _ decoder: CaptionDecoder, _ features: Tensor, _ batch: CaptionBatch, _ regularization: Regularization
  ) throws {
    var gradient: CaptionDecoder? = decoder.zeros
    _ = loss(decoder, features, batch, regularization, gradient: &gradient)
    var none: CaptionDecoder?
    for parameter in decoder.parameters {
      let computed = try #require(gradient)[keyPath: parameter.path]
      for index in stride(from: 0, to: computed.count, by: max(1, computed.count / 7)) {
        let step: Float = 2e-3  // small, so that few ReLUs change sides
        func moved(_ by: Float) -> Double {
          var copy = decoder
          copy[keyPath: parameter.path].mutablePointer[index] += by
          return loss(copy, features, batch, regularization, gradient: &none)
        }
        let expected = (moved(step) - moved(-step)) / Double(2 * step)
        let found = Double(computed.values[index])
        #expect(
          abs(expected - found) < 2e-3 * max(0.05, abs(expected)),
          "\(parameter.name)[\(index)]: \(found), by differences \(expected)")
      }
    }
  }

  @Test(arguments: [0, 1], [false, true])
  func theFeaturesGradientMatchesFiniteDifferences(core: Int, regularized: Bool) {
    let (decoder, features, batch) = problem(core)
    let regularization = regularized ? Regularization() : .none
    var gradient: CaptionDecoder? = decoder.zeros
    var computed = Tensor(shape: features.shape)
    computed.fill(.nan)  // It is overwritten.
    _ = loss(
      decoder, features, batch, regularization, gradient: &gradient, featureGradient: computed.mutableRows)
    let largest = computed.values.map { Double(abs($0)) }.max() ?? 0
    #expect(largest > 1e-3)
    var none: CaptionDecoder?
    for index in 0..<features.count {
      let step: Float = 5e-3
      func moved(_ by: Float) -> Double {
        var copy = features
        copy.mutablePointer[index] += by
        return loss(decoder, copy, batch, regularization, gradient: &none)
      }
      let expected = (moved(step) - moved(-step)) / Double(2 * step)
      let found = Double(computed.values[index])
      #expect(
        abs(expected - found) < 0.03 * largest, "[\(index)]: \(found), by differences \(expected)")
    }
  }

  @Test(arguments: [0, 1]) func weightedGradientsMatchFiniteDifferences(core: Int) throws {
    let (decoder, features, plain) = problem(core)
    let captions: [(words: [Int32], image: Int)] = [
      ([1, 4, 5, 2], 0), ([1, 6, 7, 8, 9, 2], 1), ([1, 2], 1), ([1, 10, 11, 12, 4, 2], 0),
    ]
    let batch = CaptionBatch(
      images: 2, captions: captions, frames: plain.frames, styles: plain.styles,
      weights: [0.7, -1.3, -0.4, 2])
    try expectFiniteDifferences(decoder, features, batch, Regularization())
  }

  @Test(arguments: [0, 1]) func gradientsOfSeveralBatchesAddUp(core: Int) throws {
    let (decoder, features, plain) = problem(core)
    let drawn = CaptionBatch(
      images: 2, captions: [([1, 9, 2], 0), ([1, 6, 5, 2], 1)], frames: plain.frames, styles: plain.styles,
      weights: [0.6, -0.9])
    var (first, second, both): (CaptionDecoder?, CaptionDecoder?, CaptionDecoder?) =
      (decoder.zeros, decoder.zeros, decoder.zeros)
    _ = loss(decoder, features, plain, .none, gradient: &first)
    _ = loss(decoder, features, drawn, .none, gradient: &second)
    _ = loss(decoder, features, plain, .none, gradient: &both)
    _ = loss(decoder, features, drawn, .none, gradient: &both)
    for parameter in decoder.parameters {
      let parts = try zip(
        #require(first)[keyPath: parameter.path].values, #require(second)[keyPath: parameter.path].values)
      for (found, part) in try zip(#require(both)[keyPath: parameter.path].values, parts) {
        #expect(abs(found - part.0 - part.1) < 1e-5, "\(parameter.name)")
      }
    }
  }

  /// A gradient of another core's, or one whose memory is shared, would have to be copied.
  @Test(arguments: [0, 1]) func gradientsAddUpWhereTheyAre(core: Int) throws {
    let (decoder, features, batch) = problem(core)
    var gradient: CaptionDecoder? = decoder.zeros
    func addresses() throws -> [UnsafePointer<Float>] {
      let gradient = try #require(gradient)
      return gradient.parameters.map { gradient[keyPath: $0.path].pointer }
    }
    let before = try addresses()
    _ = loss(decoder, features, batch, .none, gradient: &gradient)
    gradient?.fill(0)
    _ = loss(decoder, features, batch, .none, gradient: &gradient)
    #expect(try addresses() == before)
  }
}
