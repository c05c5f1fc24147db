import Compute
import Networks
import Tensors

/// The recurrent core of a decoder: an LSTM that attends to the image once it has read a word. Soft attention by the hidden state
/// over the values of all frames, scaled by a scalar gate, gives a context vector (Xu et al. 2015). The next word is read off the
/// hidden state and that vector together (Lu et al. 2017, equation 13), and the LSTM's next step gets the vector along with the
/// word (input feeding, Luong et al. 2015); the first step gets one by the first state.
package struct AttentionLSTM<Matrix: WeightMatrix>: Sendable {
  package let sizes: DecoderSizes
  package var attention: AdditiveAttention<Matrix>
  /// From the hidden state to the context's scalar gate β: [1, hidden]
  package var gate: LinearLayer<Matrix>
  package var lstm: LSTMCell<Matrix>
  /// From the mean value to the first hidden state: [hidden, projection]
  package var initialHidden: LinearLayer<Matrix>
  /// From the mean value to the first cell state: [hidden, projection]
  package var initialCell: LinearLayer<Matrix>
  /// From the gated context to what is added to the hidden state before the words' logits: [hidden, projection]
  package var readout: LinearLayer<Matrix>

  /// - Parameter source: see `DecoderNetwork`
  init<Failure: Error>(
    _ sizes: DecoderSizes, from source: WeightSource<Matrix, Failure>
  ) throws(Failure) {
    let (hidden, depth) = (sizes.hidden, sizes.projection)
    self.sizes = sizes
    attention = AdditiveAttention(
      key: try source.linear("key", sizes.attention, depth),
      query: try source.matrix("query.weight", [sizes.attention, hidden]),
      score: try source.tensor("score.weight", [sizes.attention]))
    gate = try source.linear("gate", 1, hidden)
    lstm = LSTMCell(
      input: try source.linear("lstm.input", 4 * hidden, sizes.embedding),
      recurrent: try source.matrix("lstm.recurrent.weight", [4 * hidden, hidden + depth]))
    initialHidden = try source.linear("initial.hidden", hidden, depth)
    initialCell = try source.linear("initial.cell", hidden, depth)
    readout = try source.linear("readout", hidden, depth)
  }
}

extension AttentionLSTM: Learned where Matrix == Tensor {
  /// Random weights to start training from; without a generator, those that are random are zero.
  init(_ sizes: DecoderSizes, using random: inout RandomGenerator?) {
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

  package var parameters: [Parameter<AttentionLSTM>] {
    attention.parameters(of: nil, at: \.attention)
      + gate.parameters(of: "gate", at: \.gate)
      + lstm.parameters(of: "lstm", at: \.lstm)
      + initialHidden.parameters(of: "initial.hidden", at: \.initialHidden)
      + initialCell.parameters(of: "initial.cell", at: \.initialCell)
      + readout.parameters(of: "readout", at: \.readout)
  }
}
