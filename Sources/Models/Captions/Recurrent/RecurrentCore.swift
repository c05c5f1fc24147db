import Compute
import Networks
import Tensors

/// The recurrent core of a decoder: an LSTM, a GRU or a plain recurrence that attends to the image once it has read a word. Soft
/// attention by the hidden state over the values of all frames, scaled by a scalar gate, gives a context vector (Xu et al. 2015).
/// The next word is read off the hidden state and that vector together (Lu et al. 2017, equation 13), and the recurrence's next
/// step gets the vector along with the word (input feeding, Luong et al. 2015); the first step gets one by the first state.
///
/// Without attention, the control, the context vector is the gated mean of the values (as in Cho et al. 2014, who give each step
/// the same summary).
package struct RecurrentCore<Matrix: WeightMatrix>: Sendable {
  package let sizes: DecoderSizes
  /// Nil: every value counts the same.
  package var attention: AdditiveAttention<Matrix>?
  /// From the hidden state to the context's scalar gate β: [1, hidden]
  package var gate: LinearLayer<Matrix>
  package var cell: RecurrentCell<Matrix>
  /// From the mean value to the first hidden state: [hidden, projection]
  package var initialHidden: LinearLayer<Matrix>
  /// Of an LSTM, from the mean value to the first cell state: [hidden, projection]
  package var initialCell: LinearLayer<Matrix>?
  /// From the gated context to what is added to the hidden state before the words' logits: [hidden, projection]
  package var readout: LinearLayer<Matrix>

  /// - Parameter source: see `DecoderNetwork`
  init<Failure: Error>(
    _ sizes: DecoderSizes, from source: WeightSource<Matrix, Failure>
  ) throws(Failure) {
    let (hidden, depth) = (sizes.hidden, sizes.projection)
    self.sizes = sizes
    let (kind, name) = (sizes.cellKind, sizes.cellKind.rawValue)
    attention =
      sizes.attention == 0
      ? nil
      : AdditiveAttention(
        key: try source.linear("key", sizes.attention, depth),
        query: try source.matrix("query.weight", [sizes.attention, hidden]),
        score: try source.tensor("score.weight", [sizes.attention]))
    gate = try source.linear("gate", 1, hidden)
    let units = kind.gates * hidden
    cell = RecurrentCell(
      kind, input: try source.linear(name + ".input", units, sizes.embedding),
      recurrent: try source.matrix(
        name + ".recurrent.weight", [units, kind == .gru ? hidden : hidden + depth]),
      context: kind == .gru ? try source.matrix(name + ".context.weight", [units, depth]) : nil)
    initialHidden = try source.linear("initial.hidden", hidden, depth)
    initialCell = kind == .lstm ? try source.linear("initial.cell", hidden, depth) : nil
    readout = try source.linear("readout", hidden, depth)
  }
}

extension RecurrentCore: Learned where Matrix == Tensor {
  /// Random weights to start training from; without a generator, those that are random are zero.
  init(_ sizes: DecoderSizes, using random: inout RandomGenerator?) {
    self.sizes = sizes
    attention =
      sizes.attention == 0
      ? nil
      : AdditiveAttention(
        values: sizes.projection, state: sizes.hidden, width: sizes.attention, using: &random)
    gate = Linear(inputs: sizes.hidden, outputs: 1, using: &random)
    cell = RecurrentCell(
      sizes.cellKind, embedding: sizes.embedding, context: sizes.projection, width: sizes.hidden,
      using: &random)
    initialHidden = Linear(inputs: sizes.projection, outputs: sizes.hidden, using: &random)
    initialCell =
      sizes.cellKind == .lstm
      ? Linear(inputs: sizes.projection, outputs: sizes.hidden, using: &random) : nil
    readout = Linear(inputs: sizes.projection, outputs: sizes.hidden, using: &random)
  }

  package var parameters: [Parameter<RecurrentCore>] {
    attention.parameters(of: nil, at: \.attention)
      + gate.parameters(of: "gate", at: \.gate)
      + cell.parameters(of: cell.kind.rawValue, at: \.cell)
      + initialHidden.parameters(of: "initial.hidden", at: \.initialHidden)
      + initialCell.parameters(of: "initial.cell", at: \.initialCell)
      + readout.parameters(of: "readout", at: \.readout)
  }
}
