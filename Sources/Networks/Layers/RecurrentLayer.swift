import Glibc
import Tensors

/// A recurrent layer over whole sequences: a long short-term memory (Hochreiter and Schmidhuber 1997), a gated recurrent unit
/// (Cho et al. 2014, in the form of cuDNN and PyTorch: the reset gate acts after the recurrent product) or a plain one with
/// tanh (Elman 1990). States begin at zero.
package struct RecurrentLayer: Learned {
  package enum Kind: Sendable, CaseIterable {
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

  package let kind: Kind
  /// From the input: [gates * width, inputs]
  package var input: Linear
  /// From the state before: [gates * width, width]
  package var recurrent: Linear

  /// Uniform within ±1/√fan-in; the biases zero, an LSTM's forget gate's one (Jozefowicz et al. 2015).
  package init(_ kind: Kind, inputs: Int, width: Int, using random: inout RandomGenerator?) {
    self.kind = kind
    input = Linear(inputs: inputs, outputs: kind.gates * width, using: &random)
    recurrent = Linear(inputs: width, outputs: kind.gates * width, using: &random)
    input.bias.fill(0)
    recurrent.bias.fill(0)
    if kind == .lstm { (input.bias.mutablePointer + width).update(repeating: 1, count: width) }
  }

  /// - Precondition: the shapes are those of the kind.
  package init(_ kind: Kind, input: Linear, recurrent: Linear) {
    precondition(input.outputs == recurrent.outputs && recurrent.outputs == kind.gates * recurrent.inputs)
    (self.kind, self.input, self.recurrent) = (kind, input, recurrent)
  }

  package var width: Int { recurrent.inputs }

  package var parameters: [Parameter<RecurrentLayer>] {
    input.parameters(of: "input", at: \.input) + recurrent.parameters(of: "recurrent", at: \.recurrent)
  }

  /// What the backward pass needs, for `steps` steps of `sequences` sequences.
  package struct States {
    package let steps: Int
    package let sequences: Int
    /// [(steps + 1) * sequences, width]: zeros, then the states after each step
    let all: MutableRows
    /// [(steps + 1) * sequences, width]: an LSTM's cells
    let cell: MutableRows
    /// [steps * sequences, gates * width]: activations; the gradients of the pre-activations after `backward`
    let gates: MutableRows
    /// [steps * sequences, gates * width]: a GRU's recurrent products
    let products: MutableRows

    init(steps: Int, sequences: Int, width: Int, gates: Int, _ arena: Arena) {
      (self.steps, self.sequences) = (steps, sequences)
      all = arena.zeros((steps + 1) * sequences, width)
      cell = arena.zeros((steps + 1) * sequences, width)
      self.gates = arena.rows(steps * sequences, gates * width)
      products = arena.rows(steps * sequences, gates * width)
    }

    /// [steps * sequences, width], the states after each step
    package var hidden: Rows { Rows(all[sequences..<all.rows]) }

    /// Rows of a step.
    func rows(_ step: Int) -> Range<Int> { step * sequences..<(step + 1) * sequences }
  }

  /// - Parameters:
  ///   - x: [steps * sequences, inputs], a step's sequences one after the other
  ///   - sequences: how many there are side by side
  package func forward(_ x: Rows, sequences: Int, arena: Arena) -> States {
    precondition(sequences > 0 && x.rows % sequences == 0)
    let states = States(
      steps: x.rows / sequences, sequences: sequences, width: width, gates: kind.gates, arena)
    input.forward(x, into: states.gates)
    for step in 0..<states.steps {
      let (now, next) = (states.rows(step), states.rows(step + 1))
      let (gates, products) = (states.gates[now], states.products[now])
      let (before, hidden) = (Rows(states.all[now]), states.all[next])
      recurrent.forward(before, into: products)
      switch kind {
      case .lstm:
        add(Rows(products), to: gates)
        LSTMGates.forward(
          gates: gates, cellBefore: Rows(states.cell[now]), cell: states.cell[next], hidden: hidden)
      case .gru:
        GRUCell.forward(gates: gates, products: Rows(products), before: before, hidden: hidden)
      case .rnn:
        add(Rows(products), to: gates)
        for index in 0..<hidden.count { hidden.base[index] = tanh(gates.base[index]) }
      }
    }
    return states
  }

  /// - Parameters:
  ///   - x: what `forward` was given
  ///   - hiddenGradient: [steps * sequences, width], of the states after each step; overwritten
  ///   - dx: [steps * sequences, inputs], overwritten; nil if the input needs no gradient
  package func backward(
    _ x: Rows, _ states: States, hiddenGradient: MutableRows, into dx: MutableRows?,
    gradient: inout RecurrentLayer, arena: Arena
  ) {
    precondition(hiddenGradient.rows == x.rows && hiddenGradient.columns == width && hiddenGradient.isDense)
    let cellGradient = arena.zeros(states.sequences, width)
    let before = arena.rows(states.sequences, width)
    for step in (0..<states.steps).reversed() {
      let (now, next) = (states.rows(step), states.rows(step + 1))
      let (gates, products) = (states.gates[now], states.products[now])
      let (previous, hidden) = (Rows(states.all[now]), Rows(states.all[next]))
      let stateGradient = hiddenGradient[now]
      var productGradient = gates
      switch kind {
      case .lstm:
        LSTMGates.backward(
          gates: gates, cellBefore: Rows(states.cell[now]), cell: Rows(states.cell[next]),
          hiddenGradient: Rows(stateGradient), cellGradient: cellGradient)
      case .gru:
        GRUCell.backward(gates: gates, products: products, before: previous, gradient: stateGradient)
        productGradient = products
      case .rnn:
        for index in 0..<hidden.count {
          gates.base[index] = stateGradient.base[index] * (1 - hidden.base[index] * hidden.base[index])
        }
      }
      recurrent.backward(previous, Rows(productGradient), into: before, gradient: &gradient.recurrent)
      guard step > 0 else { continue }
      let earlier = hiddenGradient[states.rows(step - 1)]
      add(Rows(before), to: earlier)
      if kind == .gru { add(Rows(stateGradient), to: earlier) }
    }
    input.backward(x, Rows(states.gates), into: dx, gradient: &gradient.input)
  }
}

/// The pointwise part of a gated recurrent unit: r = σ, z = σ, n = tanh(xₙ + r hₙ), h' = (1 - z) n + z h.
private enum GRUCell {
  /// - Parameters:
  ///   - gates: [rows, 3 * width], from the input; become the activations
  ///   - products: [rows, 3 * width], from the state before
  ///   - before, hidden: [rows, width]
  static func forward(gates: MutableRows, products: Rows, before: Rows, hidden: MutableRows) {
    let width = hidden.columns
    for row in 0..<hidden.rows {
      let (g, p) = (gates[row], products[row])
      for unit in 0..<width {
        let reset = sigmoid(g[unit] + p[unit])
        let update = sigmoid(g[width + unit] + p[width + unit])
        let new = tanh(g[2 * width + unit] + reset * p[2 * width + unit])
        (g[unit], g[width + unit], g[2 * width + unit]) = (reset, update, new)
        hidden[row][unit] = (1 - update) * new + update * before[row][unit]
      }
    }
  }

  /// - Parameters:
  ///   - gates: activations; become the gradients of the input's part
  ///   - products: become the gradients of the recurrent part
  ///   - gradient: [rows, width], of the new state; becomes the part of the old state's gradient that does not go through the
  ///     products
  static func backward(gates: MutableRows, products: MutableRows, before: Rows, gradient: MutableRows) {
    let width = gradient.columns
    for row in 0..<gradient.rows {
      let (g, p, h, dh) = (gates[row], products[row], before[row], gradient[row])
      for unit in 0..<width {
        let (reset, update, new) = (g[unit], g[width + unit], g[2 * width + unit])
        let newGradient = dh[unit] * (1 - update) * (1 - new * new)
        let updateGradient = dh[unit] * (h[unit] - new) * update * (1 - update)
        let resetGradient = newGradient * p[2 * width + unit] * reset * (1 - reset)
        (g[unit], g[width + unit], g[2 * width + unit]) = (resetGradient, updateGradient, newGradient)
        (p[unit], p[width + unit], p[2 * width + unit]) = (
          resetGradient, updateGradient, newGradient * reset
        )
        dh[unit] *= update
      }
    }
  }

  private static func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
}
