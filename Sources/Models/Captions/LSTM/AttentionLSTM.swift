import Compute
import Networks
import Tensors

/// The recurrent core of a decoder: an LSTM that looks at the image once it has read a word. A look is soft attention by the hidden
/// state over the values of all frames, scaled by a scalar gate (Xu et al. 2015). The next word is read off the hidden state and
/// that look together (Lu et al. 2017, equation 13), and the LSTM's next step gets the look along with the word (input feeding,
/// Luong et al. 2015); the first step gets one by the first state.
package struct AttentionLSTM: Parameterized {
  package let sizes: CaptionDecoder.Sizes
  package var attention: AdditiveAttention
  /// From the hidden state to the context's scalar gate β: [1, hidden]
  package var gate: Linear
  package var lstm: LSTMCell
  /// From the mean value to the first hidden state: [hidden, projection]
  package var initialHidden: Linear
  /// From the mean value to the first cell state: [hidden, projection]
  package var initialCell: Linear
  /// From the gated context to what is added to the hidden state before the words' logits: [hidden, projection]
  package var readout: Linear

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
    readout = Linear(inputs: sizes.projection, outputs: sizes.hidden, using: &random)
  }

  package static var parameters: [Parameter<AttentionLSTM>] {
    AdditiveAttention.parameters(of: nil, at: \.attention)
      + Linear.parameters(of: "gate", at: \.gate)
      + LSTMCell.parameters(of: "lstm", at: \.lstm)
      + Linear.parameters(of: "initial.hidden", at: \.initialHidden)
      + Linear.parameters(of: "initial.cell", at: \.initialCell)
      + Linear.parameters(of: "readout", at: \.readout)
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
