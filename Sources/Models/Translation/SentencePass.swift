import Compute
import Language
import Networks
import Tensors

/// Sentences read by an encoder, forward and backward.
///
/// Vectors come out with a sentence's units one after the other, as the cells of an image do; a recurrence goes through the places of
/// all sentences side by side.
struct SentencePass<Matrix: WeightMatrix> {
  private let encoder: SentenceEncoder<Matrix>
  private let sentences: [[Int32]]
  private let regularization: Regularization
  private let seed: UInt64
  private let arena: Arena
  /// [sentences], units of each
  private let lengths: [Int]
  private let state: State
  /// [units of all sentences, outputs]
  let output: MutableRows

  private enum State {
    /// [steps * sequences, inputs] of each layer, after dropout, and what it computed
    case recurrent([(input: MutableRows, trace: BidirectionalLayer<Matrix>.Trace)])
    case transformer(TransformerReading<Matrix>)
  }

  /// Runs forward.
  /// - Parameters:
  ///   - sentences: units of each, at least one
  ///   - seed: of the dropout masks
  init(
    _ encoder: SentenceEncoder<Matrix>, _ sentences: [[Int32]], regularization: Regularization = .none,
    seed: UInt64 = 0, arena: Arena
  ) {
    precondition(!sentences.isEmpty && sentences.allSatisfy { !$0.isEmpty })
    (self.encoder, self.sentences, self.arena) = (encoder, sentences, arena)
    (self.regularization, self.seed) = (regularization, seed)
    lengths = sentences.map(\.count)
    let output = arena.rows(lengths.reduce(0, +), encoder.sizes.outputs)
    self.output = output
    switch encoder.core {
    case .recurrent(let layers):
      let steps = lengths.max() ?? 0
      var input = arena.zeros(steps * sentences.count, encoder.sizes.embedding)
      Self.eachUnit(sentences) { unit, _, place in encoder.embedding.copyRow(Int(unit), into: input[place]) }
      dropout(input, rate: regularization.embeddingDropout, seed: seed)
      var states: [(input: MutableRows, trace: BidirectionalLayer<Matrix>.Trace)] = []
      for (index, layer) in layers.enumerated() {
        let trace = layer.forward(Rows(input), lengths: lengths, arena: arena)
        states.append((input, trace))
        guard index + 1 < layers.count else {
          Self.eachUnit(sentences) { _, row, place in
            output[row].update(from: trace.output[place], count: output.columns)
          }
          break
        }
        input = arena.rows(trace.output.rows, trace.output.columns)
        input.copy(from: Rows(trace.output))
        dropout(input, rate: regularization.layerDropout, seed: seed &+ UInt64(index + 1))
      }
      state = .recurrent(states)
    case .transformer(let core):
      let words = arena.rows(output.rows, encoder.sizes.embedding)
      Self.eachUnit(sentences) { unit, row, _ in encoder.embedding.copyRow(Int(unit), into: words[row]) }
      dropout(words, rate: regularization.embeddingDropout, seed: seed)
      let reading = TransformerReading(core, lengths: lengths, arena)
      reading.read(Rows(words), layerDropout: regularization.layerDropout, seed: seed &+ 1)
      output.copy(from: Rows(reading.normed.output))
      state = .transformer(reading)
    }
  }

  /// Every unit with its row among all, and its place where the sentences lie side by side.
  private static func eachUnit(
    _ sentences: [[Int32]], _ body: (_ unit: Int32, _ row: Int, _ place: Int) -> Void
  ) {
    var row = 0
    for (sentence, units) in sentences.enumerated() {
      for (step, unit) in units.enumerated() {
        body(unit, row, step * sentences.count + sentence)
        row += 1
      }
    }
  }
}

extension SentencePass where Matrix == Tensor {
  /// Adds to the gradients of the encoder's weights.
  /// - Parameter outputGradient: [units of all sentences, outputs]; overwritten
  func backward(_ outputGradient: MutableRows, gradient: inout SentenceEncoder<Tensor>) {
    let width = encoder.sizes.embedding
    switch (state, encoder.core) {
    case (.recurrent(let states), .recurrent(let layers)):
      var dy = arena.zeros((lengths.max() ?? 0) * sentences.count, output.columns)
      Self.eachUnit(sentences) { _, row, place in
        dy[place].update(from: outputGradient[row], count: output.columns)
      }
      for index in layers.indices.reversed() {
        let (input, trace) = states[index]
        let dx = arena.rows(input.rows, input.columns)
        gradient.core.update(layer: index) {
          layers[index].backward(
            Rows(input), lengths: lengths, trace, Rows(dy), into: dx, gradient: &$0, arena: arena)
        }
        dropout(
          dx, rate: index == 0 ? regularization.embeddingDropout : regularization.layerDropout,
          seed: seed &+ UInt64(index))
        dy = dx
      }
      let target = gradient.embedding.mutableRows
      Self.eachUnit(sentences) { unit, _, place in add(dy[place], to: target[Int(unit)], count: width) }
    case (.transformer(let reading), .transformer):
      let words = arena.zeros(outputGradient.rows, width)
      gradient.core.updateTransformer {
        reading.backward(
          Rows(outputGradient), words: words, layerDropout: regularization.layerDropout, seed: seed &+ 1,
          gradient: &$0)
      }
      dropout(words, rate: regularization.embeddingDropout, seed: seed)
      let target = gradient.embedding.mutableRows
      Self.eachUnit(sentences) { unit, row, _ in add(words[row], to: target[Int(unit)], count: width) }
    default: preconditionFailure("a state of another core")
    }
  }
}
