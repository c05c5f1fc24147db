import CKernels
import Compute
import Tensors

/// One step of a long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000).
/// Gates are in the order input, forget, cell, output.
package struct LSTMCell<Matrix: WeightMatrix>: Sendable {
  /// From the word: [4 * width, embedding], and the only bias, [4 * width]
  package var input: LinearLayer<Matrix>
  /// From the state before and the context vector, joined: [4 * width, width + context]
  package var recurrent: Matrix

  package init(input: LinearLayer<Matrix>, recurrent: Matrix) {
    precondition(input.outputs == recurrent.outputs && input.outputs % 4 == 0)
    (self.input, self.recurrent) = (input, recurrent)
  }

  package var width: Int { recurrent.outputs / 4 }
}

extension LSTMCell: Learned where Matrix == Tensor {
  /// Uniform within ±1/√fan-in; biases zero, those of the forget gate one (Jozefowicz et al. 2015).
  package init(embedding: Int, context: Int, width: Int, using random: inout RandomGenerator?) {
    input = Linear(inputs: embedding, outputs: 4 * width, using: &random)
    input.bias.fill(0)
    (input.bias.mutablePointer + width).update(repeating: 1, count: width)
    let joined = width + context
    recurrent = Tensor(
      shape: [4 * width, joined], uniform: 1 / Float(joined).squareRoot(), using: &random)
  }

  package var parameters: [Parameter<LSTMCell>] {
    input.parameters(of: "input", at: \.input) + [Parameter("recurrent.weight", \.recurrent)]
  }
}

/// The pointwise part of a long short-term memory's step.
package enum LSTMGates {
  /// - Parameters:
  ///   - gates: [rows, 4 * width], pre-activations; become the activations
  ///   - cellBefore, cell, hidden: [rows, width]
  package static func forward(
    gates: MutableRows, cellBefore: Rows, cell: MutableRows, hidden: MutableRows
  ) {
    check(Rows(gates), cellBefore, Rows(cell), Rows(hidden))
    narrate_lstm_forward(gates.base, cellBefore.base, cell.base, hidden.base, cell.rows, cell.columns)
  }

  /// - Parameters:
  ///   - gates: [rows, 4 * width], activations; become the gradient of the pre-activations
  ///   - cellGradient: [rows, width], dL/dc of the later steps; becomes that of the state before
  package static func backward(
    gates: MutableRows, cellBefore: Rows, cell: Rows, hiddenGradient: Rows, cellGradient: MutableRows
  ) {
    check(Rows(gates), cellBefore, cell, hiddenGradient)
    check(Rows(gates), cellBefore, cell, Rows(cellGradient))
    narrate_lstm_backward(
      gates.base, cellBefore.base, cell.base, hiddenGradient.base, cellGradient.base, cell.rows, cell.columns)
  }

  private static func check(_ gates: Rows, _ cellBefore: Rows, _ cell: Rows, _ hidden: Rows) {
    let (rows, width) = (cell.rows, cell.columns)
    precondition(gates.rows == rows && cellBefore.rows == rows && hidden.rows == rows)
    precondition(gates.columns == 4 * width && cellBefore.columns == width && hidden.columns == width)
    precondition(gates.isDense && cellBefore.isDense && cell.isDense && hidden.isDense)
  }
}
