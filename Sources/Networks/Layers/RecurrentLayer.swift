import Tensors

/// A recurrence over whole sequences, whose states begin at zero.
package struct RecurrentLayer<Matrix: WeightMatrix>: Sendable {
  package let kind: RecurrentKind
  /// From the input: [gates * width, inputs]
  package var input: LinearLayer<Matrix>
  /// From the state before: [gates * width, width]
  package var recurrent: LinearLayer<Matrix>

  /// - Precondition: the shapes are those of the kind.
  package init(_ kind: RecurrentKind, input: LinearLayer<Matrix>, recurrent: LinearLayer<Matrix>) {
    precondition(input.outputs == recurrent.outputs && recurrent.outputs == kind.gates * recurrent.inputs)
    (self.kind, self.input, self.recurrent) = (kind, input, recurrent)
  }

  package var width: Int { recurrent.inputs }

  /// - Parameters:
  ///   - x: [steps * sequences, inputs], a step's sequences one after the other
  ///   - sequences: how many there are side by side
  package func forward(_ x: Rows, sequences: Int, arena: Arena) -> RecurrentStates {
    precondition(sequences > 0 && x.rows % sequences == 0)
    let states = RecurrentStates(
      steps: x.rows / sequences, sequences: sequences, width: width, gates: kind.gates, arena)
    input.forward(x, into: states.gates)
    for step in 0..<states.steps {
      let (now, next) = (states.rows(step), states.rows(step + 1))
      let (gates, products, before) = (states.gates[now], states.products[now], Rows(states.all[now]))
      recurrent.forward(before, into: products)
      if kind != .gru { add(Rows(products), to: gates) }
      RecurrentGates.forward(
        kind, gates: gates, products: Rows(products), before: before, cellBefore: Rows(states.cell[now]),
        cell: states.cell[next], hidden: states.all[next])
    }
    return states
  }
}

/// What a recurrence computed and its backward pass needs, for `steps` steps of `sequences` sequences.
package struct RecurrentStates {
  package let steps: Int
  package let sequences: Int
  /// [(steps + 1) * sequences, width]: zeros, then the states after each step
  let all: MutableRows
  /// [(steps + 1) * sequences, width]: an LSTM's cells
  let cell: MutableRows
  /// [steps * sequences, gates * width]: activations; the gradients of the pre-activations after `backward`
  let gates: MutableRows
  /// [steps * sequences, gates * width]: what came of the states
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

extension RecurrentLayer: Learned where Matrix == Tensor {
  /// Uniform within ±1/√fan-in; the biases zero, an LSTM's forget gate's one (Jozefowicz et al. 2015).
  package init(_ kind: RecurrentKind, inputs: Int, width: Int, using random: inout RandomGenerator?) {
    self.kind = kind
    input = Linear(inputs: inputs, outputs: kind.gates * width, using: &random)
    recurrent = Linear(inputs: width, outputs: kind.gates * width, using: &random)
    input.bias.fill(0)
    recurrent.bias.fill(0)
    if kind == .lstm { (input.bias.mutablePointer + width).update(repeating: 1, count: width) }
  }

  package var parameters: [Parameter<RecurrentLayer>] {
    input.parameters(of: "input", at: \.input) + recurrent.parameters(of: "recurrent", at: \.recurrent)
  }

  /// - Parameters:
  ///   - x: what `forward` was given
  ///   - hiddenGradient: [steps * sequences, width], of the states after each step; overwritten
  ///   - dx: [steps * sequences, inputs], overwritten; nil if the input needs no gradient
  package func backward(
    _ x: Rows, _ states: RecurrentStates, hiddenGradient: MutableRows, into dx: MutableRows?,
    gradient: inout RecurrentLayer, arena: Arena
  ) {
    precondition(hiddenGradient.rows == x.rows && hiddenGradient.columns == width && hiddenGradient.isDense)
    let cellGradient = arena.zeros(states.sequences, width)
    let before = arena.rows(states.sequences, width)
    for step in (0..<states.steps).reversed() {
      let (now, next) = (states.rows(step), states.rows(step + 1))
      let (gates, products) = (states.gates[now], states.products[now])
      let (previous, stateGradient) = (Rows(states.all[now]), hiddenGradient[now])
      RecurrentGates.backward(
        kind, gates: gates, products: products, before: previous, cellBefore: Rows(states.cell[now]),
        cell: Rows(states.cell[next]), hidden: Rows(states.all[next]), hiddenGradient: stateGradient,
        cellGradient: cellGradient)
      recurrent.backward(
        previous, Rows(kind == .gru ? products : gates), into: before, gradient: &gradient.recurrent)
      guard step > 0 else { continue }
      let earlier = hiddenGradient[states.rows(step - 1)]
      add(Rows(before), to: earlier)
      if kind == .gru { add(Rows(stateGradient), to: earlier) }
    }
    input.backward(x, Rows(states.gates), into: dx, gradient: &gradient.input)
  }
}
