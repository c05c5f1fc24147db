import Networks
import Scenes
import Tensors

/// The recurrence and the classification over stretches of equal length.
package struct ShotPass {
  private let network: ShotNetwork
  private let stretches: Int
  private let arena: Arena
  private let inputs: Rows
  private let states: BidirectionalLayer<Tensor>.Trace
  /// [steps * stretches, classes]
  package let logits: MutableRows

  /// - Parameters:
  ///   - inputs: [steps * stretches, embedding and comparison]
  ///   - stretches: how many there are side by side
  package init(_ network: ShotNetwork, inputs: Rows, stretches: Int, arena: Arena) {
    (self.network, self.stretches, self.arena, self.inputs) = (network, stretches, arena, inputs)
    states = network.memory.forward(
      inputs, lengths: Self.lengths(inputs, stretches: stretches), arena: arena)
    logits = arena.rows(inputs.rows, TransitionDecoder.classes)
    network.output.forward(Rows(states.output), into: logits)
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
    var loss = 0.0
    for (row, kind) in classes.enumerated() {
      let weight = weights[Int(kind)]
      loss +=
        Double(weight)
        * crossEntropy(
          logits[row..<row + 1], targets: [kind], smoothing: 0, scale: weight / Float(total))
    }
    let joinedGradient = arena.rows(inputs.rows, network.memory.outputs)
    network.output.backward(
      Rows(states.output), Rows(logits), into: joinedGradient, gradient: &gradient.output)
    network.memory.backward(
      inputs, lengths: Self.lengths(inputs, stretches: stretches), states, Rows(joinedGradient),
      into: inputGradient, gradient: &gradient.memory, arena: arena)
    return loss / Double(total)
  }

  /// All are equally long.
  private static func lengths(_ inputs: Rows, stretches: Int) -> [Int] {
    [Int](repeating: inputs.rows / stretches, count: stretches)
  }
}
