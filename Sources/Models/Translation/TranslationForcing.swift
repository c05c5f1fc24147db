import Compute
import Networks
import Tensors

/// A sentence and its translation, in units.
package struct TranslationPair: Sendable {
  /// The end marker included.
  package let source: [Int32]
  /// Markers of beginning and end included.
  package let target: [Int32]
  /// Which of the network's languages the translation is in.
  package let language: Int

  package init(source: [Int32], target: [Int32], language: Int) {
    (self.source, self.target, self.language) = (source, target, language)
  }
}

/// A translation network run over given translations, forward and backward. One for each worker.
package final class TranslationForcing {
  private let arena = Arena()
  private let decoding = TeacherForcing()
  package init() {}

  /// - Parameters:
  ///   - totals: of the whole batch that the pairs are a part of
  ///   - seed: of the dropout masks
  ///   - gradient: of the decoder, added to; nil to compute the loss alone
  ///   - encoderGradient: added to, with `gradient`
  /// - Returns: sums over the pairs, not divided by `totals`.
  package func run(
    _ network: TranslationNetwork<Tensor>, _ pairs: [TranslationPair], regularization: Regularization,
    totals: TeacherForcing.Totals, seed: UInt64, gradient: inout CaptionDecoder?,
    encoderGradient: inout SentenceEncoder<Tensor>
  ) -> CaptionLoss {
    arena.reset()
    let reading = SentencePass(
      network.encoder, pairs.map(\.source), regularization: regularization,
      seed: seed ^ 0x7265_6164_696e_6700, arena: arena)
    let batch = CaptionBatch(
      images: pairs.count, captions: pairs.enumerated().map { ($1.target, $0) },
      frames: pairs.map(\.source.count), styles: pairs.map(\.language))
    let isLearning = gradient != nil
    let outputGradient = isLearning ? arena.rows(reading.output.rows, reading.output.columns) : nil
    let loss = decoding.run(
      network.decoder, features: Rows(reading.output), positions: 1, batch: batch,
      regularization: regularization, totals: totals, seed: seed, gradient: &gradient,
      featureGradient: outputGradient)
    if let outputGradient { reading.backward(outputGradient, gradient: &encoderGradient) }
    return loss
  }
}
