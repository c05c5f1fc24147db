import Tensors

/// Two recurrences over sequences, one from the beginning and one from the end, their states side by side (Schuster and Paliwal
/// 1997). Sequences may be of different lengths: what stands in the places after a shorter one's end has no say in its states.
package struct BidirectionalLayer<Matrix: WeightMatrix>: Sendable {
  package var forwards: RecurrentLayer<Matrix>
  package var backwards: RecurrentLayer<Matrix>

  package init(forwards: RecurrentLayer<Matrix>, backwards: RecurrentLayer<Matrix>) {
    precondition(forwards.width == backwards.width)
    (self.forwards, self.backwards) = (forwards, backwards)
  }

  /// Of the states, both together.
  package var outputs: Int { 2 * forwards.width }

  /// What backward needs.
  package struct Trace {
    /// [steps * sequences, inputs], each sequence's last step first
    let reversed: MutableRows
    let ahead, back: RecurrentStates
    /// [steps * sequences, outputs]; of places after a sequence's end without meaning
    package let output: MutableRows
  }

  /// - Parameters:
  ///   - x: [steps * sequences, inputs], a step's sequences one after the other
  ///   - lengths: [sequences], the steps of each, at least one of which has all
  package func forward(_ x: Rows, lengths: [Int], arena: Arena) -> Trace {
    let (sequences, width) = (lengths.count, forwards.width)
    let reversed = arena.rows(x.rows, x.columns)
    Self.reverse(x, into: reversed, lengths)
    let ahead = forwards.forward(x, sequences: sequences, arena: arena)
    let back = backwards.forward(Rows(reversed), sequences: sequences, arena: arena)
    let output = arena.rows(x.rows, outputs)
    output.columns(0..<width).copy(from: ahead.hidden)
    Self.reverse(back.hidden, into: output.columns(width..<2 * width), lengths)
    return Trace(reversed: reversed, ahead: ahead, back: back, output: output)
  }

  /// Last steps first.
  fileprivate static func reverse(_ x: Rows, into y: MutableRows, _ lengths: [Int]) {
    let (sequences, steps) = (lengths.count, x.rows / lengths.count)
    precondition(x.rows == y.rows && x.rows == steps * sequences && lengths.max() == steps)
    for (sequence, length) in lengths.enumerated() {
      for step in 0..<steps {
        let other = step < length ? length - 1 - step : step
        y[other * sequences + sequence].update(from: x[step * sequences + sequence], count: x.columns)
      }
    }
  }
}

extension BidirectionalLayer: Learned where Matrix == Tensor {
  package init(_ kind: RecurrentKind, inputs: Int, width: Int, using random: inout RandomGenerator?) {
    forwards = RecurrentLayer(kind, inputs: inputs, width: width, using: &random)
    backwards = RecurrentLayer(kind, inputs: inputs, width: width, using: &random)
  }

  package var parameters: [Parameter<BidirectionalLayer>] {
    forwards.parameters(of: "forwards", at: \.forwards)
      + backwards.parameters(of: "backwards", at: \.backwards)
  }

  /// - Parameters:
  ///   - x, lengths: what `forward` was given
  ///   - dy: [steps * sequences, outputs], zeros in the places after a sequence's end
  ///   - dx: [steps * sequences, inputs], overwritten
  package func backward(
    _ x: Rows, lengths: [Int], _ trace: Trace, _ dy: Rows, into dx: MutableRows,
    gradient: inout BidirectionalLayer, arena: Arena
  ) {
    let width = forwards.width
    let (ahead, back) = (arena.rows(x.rows, width), arena.rows(x.rows, width))
    ahead.copy(from: dy.columns(0..<width))
    Self.reverse(dy.columns(width..<2 * width), into: back, lengths)
    forwards.backward(
      x, trace.ahead, hiddenGradient: ahead, into: dx, gradient: &gradient.forwards, arena: arena)
    let reversed = arena.rows(x.rows, x.columns)
    backwards.backward(
      Rows(trace.reversed), trace.back, hiddenGradient: back, into: reversed,
      gradient: &gradient.backwards, arena: arena)
    let upright = arena.rows(x.rows, x.columns)
    Self.reverse(Rows(reversed), into: upright, lengths)
    add(Rows(upright), to: dx)
  }
}
