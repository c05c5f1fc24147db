import Networks
import Scenes
import Tensors

/// The recurrence and the classification over stretches of equal length.
package struct ShotPass {
  private let network: ShotNetwork
  private let stretches: Int
  private let arena: Arena
  private let inputs: Rows
  private let reversed: MutableRows
  private let ahead: RecurrentLayer.States
  private let back: RecurrentLayer.States
  private let joined: MutableRows
  /// [steps * stretches, classes]
  package let logits: MutableRows

  /// - Parameters:
  ///   - inputs: [steps * stretches, embedding and comparison]
  ///   - stretches: how many there are side by side
  package init(_ network: ShotNetwork, inputs: Rows, stretches: Int, arena: Arena) {
    (self.network, self.stretches, self.arena, self.inputs) = (network, stretches, arena, inputs)
    let hidden = network.sizes.hidden
    reversed = arena.rows(inputs.rows, inputs.columns)
    Self.reverse(inputs, into: reversed, stretches: stretches)
    ahead = network.forwards.forward(inputs, sequences: stretches, arena: arena)
    back = network.backwards.forward(Rows(reversed), sequences: stretches, arena: arena)
    joined = arena.rows(inputs.rows, 2 * hidden)
    joined.columns(0..<hidden).copy(from: ahead.hidden)
    Self.reverse(back.hidden, into: joined.columns(hidden..<2 * hidden), stretches: stretches)
    logits = arena.rows(inputs.rows, TransitionDecoder.classes)
    network.output.forward(Rows(joined), into: logits)
  }

  /// The weighted cross-entropy, in nats a frame; `logits` become its gradient. Adds to `gradient`.
  /// - Parameters:
  ///   - classes: [steps * stretches]
  ///   - weights: of each class
  ///   - total: frames of the whole batch, by which the sum is divided
  ///   - inputGradient: [steps * stretches, inputs], overwritten
  package func backward(
    classes: [Int32], weights: [Float], total: Int, into inputGradient: MutableRows,
    gradient: inout ShotNetwork
  ) -> Double {
    precondition(classes.count == inputs.rows)
    let hidden = network.sizes.hidden
    var loss = 0.0
    for (row, kind) in classes.enumerated() {
      let weight = weights[Int(kind)]
      loss +=
        Double(weight)
        * crossEntropy(
          logits[row..<row + 1], targets: [kind], smoothing: 0, scale: weight / Float(total))
    }
    let joinedGradient = arena.rows(inputs.rows, 2 * hidden)
    network.output.backward(Rows(joined), Rows(logits), into: joinedGradient, gradient: &gradient.output)
    let (aheadGradient, backGradient) = (arena.rows(inputs.rows, hidden), arena.rows(inputs.rows, hidden))
    aheadGradient.copy(from: Rows(joinedGradient.columns(0..<hidden)))
    Self.reverse(
      Rows(joinedGradient.columns(hidden..<2 * hidden)), into: backGradient, stretches: stretches)
    network.forwards.backward(
      inputs, ahead, hiddenGradient: aheadGradient, into: inputGradient, gradient: &gradient.forwards,
      arena: arena)
    let reversedGradient = arena.rows(inputs.rows, inputs.columns)
    network.backwards.backward(
      Rows(reversed), back, hiddenGradient: backGradient, into: reversedGradient,
      gradient: &gradient.backwards, arena: arena)
    let upright = arena.rows(inputs.rows, inputs.columns)
    Self.reverse(Rows(reversedGradient), into: upright, stretches: stretches)
    add(Rows(upright), to: inputGradient)
    return loss / Double(total)
  }

  /// Last steps first.
  private static func reverse(_ x: Rows, into y: MutableRows, stretches: Int) {
    precondition(x.rows == y.rows && x.rows % stretches == 0)
    let steps = x.rows / stretches
    for step in 0..<steps {
      let (from, to) = (step * stretches, (steps - 1 - step) * stretches)
      y[to..<to + stretches].copy(from: x[from..<from + stretches])
    }
  }
}
