import Compute
import Networks
import Tensors

/// Writes a sentence of one language for a sentence of another. The decoder is that of captions: to it, a sentence's units are the
/// frames of a clip, of one cell each, and a language is a style.
package struct TranslationNetwork<Matrix: WeightMatrix>: Sendable {
  package var encoder: SentenceEncoder<Matrix>
  package var decoder: DecoderNetwork<Matrix>

  package init(encoder: SentenceEncoder<Matrix>, decoder: DecoderNetwork<Matrix>) {
    precondition(encoder.sizes.outputs == decoder.sizes.channels)
    (self.encoder, self.decoder) = (encoder, decoder)
  }
}

extension TranslationNetwork: Learned where Matrix == Tensor {
  /// Random weights to start training from; without a generator, those that are random are zero.
  package init(
    _ encoder: SentenceEncoderSizes, _ decoder: DecoderSizes, using random: inout RandomGenerator?
  ) {
    self.init(
      encoder: SentenceEncoder(encoder, using: &random), decoder: DecoderNetwork(decoder, using: &random))
  }

  /// Weights read from a file, under the prefixes `encoder` and `decoder`.
  package init(
    _ encoder: SentenceEncoderSizes, _ decoder: DecoderSizes, from file: SafetensorsFile
  ) throws(SafetensorsError) {
    self.init(
      encoder: try SentenceEncoder(encoder, from: WeightSource(file, "encoder")),
      decoder: try DecoderNetwork(decoder, from: file))
  }

  package var parameters: [Parameter<TranslationNetwork>] {
    encoder.parameters(of: "encoder", at: \.encoder) + decoder.parameters(of: "decoder", at: \.decoder)
  }
}

extension TranslationNetwork where Matrix == FixedMatrix {
  /// Rounds the weights of a network in training.
  package init(_ network: TranslationNetwork<Tensor>, in numbers: DecoderNumbers = .bytes) {
    self.init(
      encoder: SentenceEncoder(
        network.encoder.sizes, from: WeightSource(numbers, rounding: network.encoder)),
      decoder: DecoderNetwork(network.decoder, in: numbers))
  }

  /// Weights from a file, under the prefixes `encoder` and `decoder`.
  package init(
    _ encoder: SentenceEncoderSizes, _ decoder: DecoderSizes, in numbers: DecoderNumbers = .bytes,
    from file: SafetensorsFile
  ) throws(SafetensorsError) {
    self.init(
      encoder: try SentenceEncoder(encoder, from: WeightSource(numbers, file, "encoder")),
      decoder: try DecoderNetwork(decoder, in: numbers, from: file))
  }
}
