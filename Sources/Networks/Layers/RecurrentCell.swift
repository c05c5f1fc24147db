import CKernels
import Compute
import Tensors

/// A kind of recurrence: a long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000), a
/// gated recurrent unit (Cho et al. 2014, in the form of cuDNN and PyTorch: the reset gate acts after the recurrent product) or a
/// plain one with tanh (Elman 1990).
package enum RecurrentKind: String, CaseIterable, Sendable {
  case lstm, gru, rnn

  /// Pre-activations for each unit. LSTM: input, forget, cell, output; GRU: reset, update, new.
  package var gates: Int {
    switch self {
    case .lstm: 4
    case .gru: 3
    case .rnn: 1
    }
  }
}

/// One step of a recurrence that gets, beside a word, a context vector.
package struct RecurrentCell<Matrix: WeightMatrix>: Sendable {
  package let kind: RecurrentKind
  /// From the word: [gates * width, embedding], and the only bias, [gates * width]
  package var input: LinearLayer<Matrix>
  /// From the state before, [gates * width, width]; of all but a GRU with the context vector joined to it,
  /// [gates * width, width + context]
  package var recurrent: Matrix
  /// Of a GRU, from the context vector, over which its reset gate has no say: [gates * width, context]
  package var context: Matrix?

  /// - Precondition: the shapes are those of the kind.
  package init(_ kind: RecurrentKind, input: LinearLayer<Matrix>, recurrent: Matrix, context: Matrix?) {
    precondition(input.outputs == recurrent.outputs && input.outputs % kind.gates == 0)
    precondition((context != nil) == (kind == .gru))
    (self.kind, self.input, self.recurrent, self.context) = (kind, input, recurrent, context)
  }

  package var width: Int { recurrent.outputs / kind.gates }
}

extension RecurrentCell: Learned where Matrix == Tensor {
  /// Uniform within ±1/√fan-in; biases zero, those of an LSTM's forget gate one (Jozefowicz et al. 2015).
  package init(
    _ kind: RecurrentKind, embedding: Int, context: Int, width: Int, using random: inout RandomGenerator?
  ) {
    self.kind = kind
    input = Linear(inputs: embedding, outputs: kind.gates * width, using: &random)
    input.bias.fill(0)
    if kind == .lstm { (input.bias.mutablePointer + width).update(repeating: 1, count: width) }
    let joined = width + context
    func matrix(_ inputs: Int) -> Tensor {
      Tensor(
        shape: [kind.gates * width, inputs], uniform: 1 / Float(joined).squareRoot(), using: &random)
    }
    recurrent = matrix(kind == .gru ? width : joined)
    self.context = kind == .gru ? matrix(context) : nil
  }

  package var parameters: [Parameter<RecurrentCell>] {
    let parameters: [Parameter<RecurrentCell>] =
      input.parameters(of: "input", at: \.input) + [Parameter("recurrent.weight", \.recurrent)]
    // Where it is, so is that of every network with these parameters.
    return context == nil ? parameters : parameters + [Parameter("context.weight", \.context!)]
  }
}

/// The pointwise part of a recurrence's step.
package enum RecurrentGates {
  /// - Parameters:
  ///   - gates: [rows, gates * width], pre-activations, of a GRU without what comes of the state; become the activations
  ///   - products: [rows, 3 * width], of a GRU what comes of the state; not read by others
  ///   - before, hidden: [rows, width], the state before and the new one
  ///   - cellBefore, cell: [rows, width], an LSTM's; not read or written by others
  package static func forward(
    _ kind: RecurrentKind, gates: MutableRows, products: Rows, before: Rows, cellBefore: Rows,
    cell: MutableRows, hidden: MutableRows
  ) {
    check(kind, Rows(gates), Rows(hidden))
    let (rows, width) = (hidden.rows, hidden.columns)
    switch kind {
    case .lstm:
      check(kind, Rows(gates), cellBefore)
      check(kind, Rows(gates), Rows(cell))
      narrate_lstm_forward(gates.base, cellBefore.base, cell.base, hidden.base, rows, width)
    case .gru:
      check(kind, products, before)
      narrate_gru_forward(gates.base, products.base, before.base, hidden.base, rows, width)
    case .rnn: narrate_tanh(gates.base, hidden.base, gates.count)
    }
  }

  /// - Parameters:
  ///   - gates: activations; become the gradient of the pre-activations
  ///   - products: of a GRU; become their gradient
  ///   - hiddenGradient: [rows, width], that of the new state; of a GRU it becomes the part of the gradient of the state before
  ///     that does not go through the products
  ///   - cellGradient: [rows, width], dL/dc of the later steps; becomes that of the cell before
  package static func backward(
    _ kind: RecurrentKind, gates: MutableRows, products: MutableRows, before: Rows, cellBefore: Rows,
    cell: Rows, hidden: Rows, hiddenGradient: MutableRows, cellGradient: MutableRows
  ) {
    check(kind, Rows(gates), Rows(hiddenGradient))
    let (rows, width) = (hiddenGradient.rows, hiddenGradient.columns)
    switch kind {
    case .lstm:
      for other in [cellBefore, cell, Rows(cellGradient)] { check(kind, Rows(gates), other) }
      narrate_lstm_backward(
        gates.base, cellBefore.base, cell.base, hiddenGradient.base, cellGradient.base, rows, width)
    case .gru:
      check(kind, Rows(products), before)
      narrate_gru_backward(gates.base, products.base, before.base, hiddenGradient.base, rows, width)
    case .rnn:
      check(kind, Rows(gates), hidden)
      narrate_tanh_backward(hidden.base, hiddenGradient.base, gates.base, gates.count)
    }
  }

  private static func check(_ kind: RecurrentKind, _ gates: Rows, _ state: Rows) {
    precondition(gates.rows == state.rows && gates.columns == kind.gates * state.columns)
    precondition(gates.isDense && state.isDense)
  }
}
