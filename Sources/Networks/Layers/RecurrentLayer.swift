import Glibc
import Tensors

/// A recurrent layer over whole sequences: a long short-term memory (Hochreiter and Schmidhuber 1997), a gated recurrent unit
/// (Cho et al. 2014, in the form of cuDNN and PyTorch: the reset gate acts after the recurrent product) or a plain one with
/// tanh (Elman 1990). States begin at zero.
package struct RecurrentLayer: Learned {
  package enum Kind: String, Codable, Sendable, CaseIterable {
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

  package var width: Int { recurrent.inputs }

  package var parameters: [Parameter<RecurrentLayer>] {
    input.parameters(of: "input", at: \.input) + recurrent.parameters(of: "recurrent", at: \.recurrent)
  }

  /// What the backward pass needs, for `steps` steps of `rows` sequences.
  package struct States {
    package let steps: Int
    package let rows: Int
    /// [steps + 1, rows, width]: zeros, then the states after each step
    package let hidden: UnsafeMutablePointer<Float>
    /// [steps + 1, rows, width]: an LSTM's cells
    let cell: UnsafeMutablePointer<Float>
    /// [steps, rows, gates * width]: activations; the gradients of the pre-activations after `backward`
    let gates: UnsafeMutablePointer<Float>
    /// [steps, rows, gates * width]: a GRU's recurrent products
    let products: UnsafeMutablePointer<Float>
  }

  /// - Parameter x: [steps, rows, inputs]
  package func forward(_ x: UnsafePointer<Float>, steps: Int, rows: Int, arena: Arena) -> States {
    let (state, all) = (rows * width, rows * kind.gates * width)
    let states = States(
      steps: steps, rows: rows, hidden: arena.zeros((steps + 1) * state),
      cell: arena.zeros((steps + 1) * state),
      gates: arena.floats(steps * all), products: arena.floats(steps * all))
    input.forward(x, rows: steps * rows, into: states.gates)
    for step in 0..<steps {
      let before = states.hidden + step * state
      let (gates, products) = (states.gates + step * all, states.products + step * all)
      recurrent.forward(before, rows: rows, into: products)
      switch kind {
      case .lstm:
        add(products, to: gates, count: all)
        LSTMGates.forward(
          gates: gates, cellBefore: states.cell + step * state, cell: states.cell + (step + 1) * state,
          hidden: before + state, rows: rows, width: width)
      case .gru:
        GRUCell.forward(gates: gates, products: products, before: before, hidden: before + state, rows, width)
      case .rnn:
        add(products, to: gates, count: all)
        for index in 0..<state { (before + state)[index] = tanh(gates[index]) }
      }
    }
    return states
  }

  /// - Parameters:
  ///   - x: what `forward` was given
  ///   - hiddenGradient: [steps, rows, width], of the states after each step; overwritten
  ///   - dx: [steps, rows, inputs], overwritten; nil if the input needs no gradient
  package func backward(
    _ x: UnsafePointer<Float>, _ states: States, hiddenGradient: UnsafeMutablePointer<Float>,
    into dx: UnsafeMutablePointer<Float>?, gradient: inout RecurrentLayer, arena: Arena
  ) {
    let rows = states.rows
    let (state, all) = (rows * width, rows * kind.gates * width)
    let cellGradient = arena.zeros(state)
    let before = arena.floats(state)
    for step in (0..<states.steps).reversed() {
      let (gates, products) = (states.gates + step * all, states.products + step * all)
      let slope = hiddenGradient + step * state
      let previous = states.hidden + step * state
      var productGradient = gates
      switch kind {
      case .lstm:
        LSTMGates.backward(
          gates: gates, cellBefore: states.cell + step * state, cell: states.cell + (step + 1) * state,
          hiddenGradient: slope, cellGradient: cellGradient, rows: rows, width: width)
      case .gru:
        GRUCell.backward(gates: gates, products: products, before: previous, slope: slope, rows, width)
        productGradient = products
      case .rnn:
        let hidden = previous + state
        for index in 0..<state { gates[index] = slope[index] * (1 - hidden[index] * hidden[index]) }
      }
      recurrent.backward(previous, productGradient, rows: rows, into: before, gradient: &gradient.recurrent)
      guard step > 0 else { continue }
      add(before, to: slope - state, count: state)
      if kind == .gru { add(slope, to: slope - state, count: state) }
    }
    input.backward(x, states.gates, rows: states.steps * rows, into: dx, gradient: &gradient.input)
  }
}

/// The pointwise part of a gated recurrent unit: r = σ, z = σ, n = tanh(xₙ + r hₙ), h' = (1 - z) n + z h.
private enum GRUCell {
  /// - Parameters:
  ///   - gates: [rows, 3 * width], from the input; become the activations
  ///   - products: [rows, 3 * width], from the state before
  ///   - before, hidden: [rows, width]
  static func forward(
    gates: UnsafeMutablePointer<Float>, products: UnsafePointer<Float>, before: UnsafePointer<Float>,
    hidden: UnsafeMutablePointer<Float>, _ rows: Int, _ width: Int
  ) {
    for row in 0..<rows {
      let (g, p) = (gates + row * 3 * width, products + row * 3 * width)
      for unit in 0..<width {
        let reset = sigmoid(g[unit] + p[unit])
        let update = sigmoid(g[width + unit] + p[width + unit])
        let new = tanh(g[2 * width + unit] + reset * p[2 * width + unit])
        (g[unit], g[width + unit], g[2 * width + unit]) = (reset, update, new)
        hidden[row * width + unit] = (1 - update) * new + update * before[row * width + unit]
      }
    }
  }

  /// - Parameters:
  ///   - gates: activations; become the gradients of the input's part
  ///   - products: become the gradients of the recurrent part
  ///   - slope: [rows, width], of the new state; becomes the part of the old state's gradient that does not go through the
  ///     products
  static func backward(
    gates: UnsafeMutablePointer<Float>, products: UnsafeMutablePointer<Float>, before: UnsafePointer<Float>,
    slope: UnsafeMutablePointer<Float>, _ rows: Int, _ width: Int
  ) {
    for row in 0..<rows {
      let (g, p) = (gates + row * 3 * width, products + row * 3 * width)
      for unit in 0..<width {
        let index = row * width + unit
        let (reset, update, new) = (g[unit], g[width + unit], g[2 * width + unit])
        let newSlope = slope[index] * (1 - update) * (1 - new * new)
        let updateSlope = slope[index] * (before[index] - new) * update * (1 - update)
        let resetSlope = newSlope * p[2 * width + unit] * reset * (1 - reset)
        (g[unit], g[width + unit], g[2 * width + unit]) = (resetSlope, updateSlope, newSlope)
        (p[unit], p[width + unit], p[2 * width + unit]) = (resetSlope, updateSlope, newSlope * reset)
        slope[index] *= update
      }
    }
  }

  private static func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
}
