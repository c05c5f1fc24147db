import Compute
import Networks
import Tensors

/// The recurrent core of a decoder, that of "Show, Attend and Tell" (Xu et al. 2015, soft attention): at each word it attends
/// over the values of all frames, scales what it saw by a scalar gate and steps an LSTM.
package struct AttentionLSTM: Parameterized {
  package let sizes: CaptionDecoder.Sizes
  package var attention: AdditiveAttention
  /// From the state before to the context's scalar gate β: [1, hidden]
  package var gate: Linear
  package var lstm: LSTMCell
  /// From the mean value to the first hidden state: [hidden, projection]
  package var initialHidden: Linear
  /// From the mean value to the first cell state: [hidden, projection]
  package var initialCell: Linear

  /// Random weights to start training from; without a generator, those that are random are zero.
  init(_ sizes: CaptionDecoder.Sizes, using random: inout RandomGenerator?) {
    self.sizes = sizes
    attention = AdditiveAttention(
      values: sizes.projection, state: sizes.hidden, width: sizes.attention, using: &random)
    gate = Linear(inputs: sizes.hidden, outputs: 1, using: &random)
    lstm = LSTMCell(
      embedding: sizes.embedding, context: sizes.projection, width: sizes.hidden, using: &random)
    initialHidden = Linear(inputs: sizes.projection, outputs: sizes.hidden, using: &random)
    initialCell = Linear(inputs: sizes.projection, outputs: sizes.hidden, using: &random)
  }

  package static var parameters: [Parameter<AttentionLSTM>] {
    AdditiveAttention.parameters(of: nil, at: \.attention)
      + Linear.parameters(of: "gate", at: \.gate)
      + LSTMCell.parameters(of: "lstm", at: \.lstm)
      + Linear.parameters(of: "initial.hidden", at: \.initialHidden)
      + Linear.parameters(of: "initial.cell", at: \.initialCell)
  }
}

extension AttentionLSTM: AttentionLSTMWeights {
  var score: Tensor { attention.score }
  var key: Linear { attention.key }
  var input: Linear { lstm.input }

  func query(_ hidden: UnsafePointer<Float>, rows: Int, into query: UnsafeMutablePointer<Float>) {
    multiply(
      hidden, attention.query.pointer, into: query, rows: rows, columns: sizes.attention,
      inner: sizes.hidden, transposeB: true)
  }

  func recurrent(_ joined: UnsafePointer<Float>, rows: Int, addingTo gates: UnsafeMutablePointer<Float>) {
    multiply(
      joined, lstm.recurrent.pointer, into: gates, rows: rows, columns: 4 * sizes.hidden,
      inner: sizes.hidden + sizes.projection, transposeB: true, adding: true)
  }
}
