import Compute
import Language
import Models
import Networks
import Tensors
import Testing

@Suite struct TranslationNetworkTests {
  /// Networks small enough to be counted through, as in `Fixtures/make_translation_golden.py`.
  static let names = ["lstm", "gru", "rnn", "average", "transformer"]

  static func network(
    _ name: String, using random: inout RandomGenerator?, layers: Int = 1
  ) -> TranslationNetwork<Tensor> {
    if name == "transformer" {
      let sizes = TransformerSizes(layers: 2, heads: 2, feedForward: 10)
      return TranslationNetwork(
        SentenceEncoderSizes(
          units: 11, embedding: 8, hidden: 8, layers: 1, cell: nil, transformer: sizes),
        DecoderSizes(
          words: 13, channels: 8, embedding: 8, hidden: 8, attention: 8, projection: 8, styles: 2,
          transformer: sizes),
        using: &random)
    }
    let cell = name == "average" ? RecurrentKind.lstm : RecurrentKind(rawValue: name) ?? .lstm
    return TranslationNetwork(
      SentenceEncoderSizes(units: 11, embedding: 8, hidden: 5, layers: layers, cell: cell),
      DecoderSizes(
        words: 13, channels: 10, embedding: 8, hidden: 6, attention: name == "average" ? 0 : 4, projection: 7,
        styles: 2, cell: cell),
      using: &random)
  }

  private static let pairs = [
    TranslationPair(source: [5, 6, 7, 2], target: [1, 4, 5, 2], language: 0),
    TranslationPair(source: [4, 2], target: [1, 6, 7, 8, 9, 2], language: 1),
    TranslationPair(source: [8, 9, 10, 5, 2], target: [1, 10, 2], language: 0),
  ]

  private static func loss(
    _ network: TranslationNetwork<Tensor>, _ regularization: Regularization,
    gradient: inout TranslationNetwork<Tensor>?
  ) -> Double {
    var decoder = gradient?.decoder
    var encoder = gradient?.encoder ?? network.encoder
    let words = pairs.reduce(0) { $0 + $1.target.count - 1 }
    let loss = TranslationForcing().run(
      network, pairs, regularization: regularization, totals: .init(words: words, captions: pairs.count),
      seed: 5, gradient: &decoder, encoderGradient: &encoder)
    gradient = decoder.map { TranslationNetwork(encoder: encoder, decoder: $0) }
    return loss.crossEntropy / Double(words)
      + Double(regularization.attentionPenalty) * loss.attentionPenalty / Double(pairs.count)
  }

  /// Against PyTorch's own layers and cells.
  @Test(arguments: names) func lossAndEveryGradientEqualPyTorch(name: String) throws {
    let golden = try goldenFile("translation_golden")
    var none: RandomGenerator?
    var network = Self.network(name, using: &none)
    try network.load(name, from: golden)
    var regularization = Regularization.none
    regularization.labelSmoothing = 0.1
    var gradient = Optional(network.zeros)
    let loss = Self.loss(network, regularization, gradient: &gradient)
    #expect(abs(loss - Double(try golden.tensor("\(name).loss").values[0])) < 1e-5)
    try expectGradients(try #require(gradient), equal: golden, prefix: "\(name).gradient.")
  }

  @Test(arguments: names, [false, true])
  func gradientsMatchFiniteDifferences(name: String, regularized: Bool) throws {
    var random = Optional(RandomGenerator(seed: 3))
    var network = Self.network(name, using: &random, layers: 2)
    // No small change takes these across their ReLU's edge.
    for parameter in network.parameters
    where ["feed.inner.bias", "projection.bias"].contains(where: parameter.name.hasSuffix) {
      for unit in 0..<network[keyPath: parameter.path].count {
        network[keyPath: parameter.path].mutablePointer[unit] = unit % 2 == 0 ? 3 : -3
      }
    }
    let regularization = regularized ? Regularization() : .none
    var gradient = Optional(network.zeros)
    _ = Self.loss(network, regularization, gradient: &gradient)
    var none: TranslationNetwork<Tensor>?
    for parameter in network.parameters {
      let computed = try #require(gradient)[keyPath: parameter.path]
      for index in stride(from: 0, to: computed.count, by: max(1, computed.count / 5)) {
        let step: Float = 2e-3
        func moved(_ by: Float) -> Double {
          var copy = network
          copy[keyPath: parameter.path].mutablePointer[index] += by
          return Self.loss(copy, regularization, gradient: &none)
        }
        let expected = (moved(step) - moved(-step)) / Double(2 * step)
        let found = Double(computed.values[index])
        #expect(
          abs(expected - found) < 3e-3 * max(0.05, abs(expected)),
          "\(parameter.name)[\(index)]: \(found), by differences \(expected)")
      }
    }
  }

  /// What stands after a shorter sentence's end has no say in it.
  @Test(arguments: names) func aSentenceIsReadAsItIsAlone(name: String) {
    var random = Optional(RandomGenerator(seed: 9))
    let network = TranslationNetwork<FixedMatrix>(Self.network(name, using: &random))
    let search = TranslationSearch(network, language: 1, beam: 3, lengthExponent: 1, batch: 3, mostUnits: 8)
    let sentences = Self.pairs.map(\.source)
    #expect(search.translations(sentences) == sentences.map { search.translations([$0])[0] })
  }

  /// Ten sentences with ten translations are learned by heart, and the beam says them.
  @Test(arguments: names.filter { $0 != "average" }) func tenExamplesAreLearned(name: String) throws {
    var random = Optional(RandomGenerator(seed: 12))
    let transformer = TransformerSizes(layers: 1, heads: 4, feedForward: 64)
    let cell = RecurrentKind(rawValue: name)
    var network = TranslationNetwork(
      SentenceEncoderSizes(
        units: 20, embedding: 32, hidden: 16, layers: 1, cell: cell,
        transformer: cell == nil ? transformer : nil),
      DecoderSizes(
        words: 20, channels: 32, embedding: 32, hidden: 32, attention: 16, projection: 32,
        transformer: cell == nil ? transformer : nil, cell: cell),
      using: &random)
    var choice = RandomGenerator(seed: 13)
    func sentence() -> [Int32] {
      (0..<2 + choice.integer(below: 5)).map { _ in Int32(4 + choice.integer(below: 16)) }
    }
    let pairs = (0..<10).map { _ in
      TranslationPair(
        source: sentence() + [Vocabulary.end], target: [Vocabulary.beginning] + sentence() + [Vocabulary.end],
        language: 0)
    }
    let words = pairs.reduce(0) { $0 + $1.target.count - 1 }
    var optimizer = AdamW(network)
    let pass = TranslationForcing()
    for _ in 0..<400 {
      var decoder = Optional(network.decoder.zeros)
      var encoder = network.encoder.zeros
      _ = pass.run(
        network, pairs, regularization: .none, totals: .init(words: words, captions: 10), seed: 0,
        gradient: &decoder, encoderGradient: &encoder)
      optimizer.update(
        &network, gradient: TranslationNetwork(encoder: encoder, decoder: try #require(decoder)), rate: 5e-3)
    }
    let search = TranslationSearch(
      TranslationNetwork<FixedMatrix>(network), beam: 3, lengthExponent: 1, batch: 10, mostUnits: 8)
    #expect(
      search.translations(pairs.map(\.source)) == pairs.map { Array($0.target.dropFirst().dropLast()) })
  }
}
