import Compute
import Networks
import Tensors

/// Buffers of one look, each a row for every caption.
struct LookBuffers {
  /// [rows, attention], e^(2 query)
  var query: UnsafeMutablePointer<Float>
  /// [rows], the context's gate
  var gate: UnsafeMutablePointer<Float>
  /// [rows, positions], attention weights
  var weights: UnsafeMutablePointer<Float>
  /// [rows, projection]
  var context: UnsafeMutablePointer<Float>
  /// [rows, projection], the gated context: what is seen
  var seen: UnsafeMutablePointer<Float>

  init(rows: Int, weights: UnsafeMutablePointer<Float>, _ sizes: DecoderSizes, _ memory: Arena) {
    query = memory.floats(rows * sizes.attention)
    gate = memory.floats(rows)
    self.weights = weights
    context = memory.floats(rows * sizes.projection)
    seen = memory.floats(rows * sizes.projection)
  }
}

/// Buffers of one step, each a row for every caption.
struct StepBuffers {
  /// [rows, hidden], the cell before
  var cellBefore: UnsafePointer<Float>
  /// [rows, hidden + projection], the state before and what was seen by it
  var joined: UnsafeMutablePointer<Float>
  /// [rows, 4 * hidden], the word's part of the gates at first; then the gates' activations
  var gates: UnsafeMutablePointer<Float>
  /// [rows, hidden], the new cell
  var cell: UnsafeMutablePointer<Float>
  /// [rows, hidden], the new state
  var hidden: UnsafeMutablePointer<Float>
  /// By the new state.
  var look: LookBuffers
}

extension AttentionLSTM {
  /// Attention by a hidden state, and its gate.
  /// - Parameter hidden: [rows, hidden]
  func look(
    by hidden: UnsafePointer<Float>, rows: Int, grid: AttentionGrid, images: UnsafePointer<Int32>,
    _ buffers: LookBuffers
  ) {
    attention.query.multiply(hidden, rows: rows, bias: nil, into: buffers.query, adding: false)
    exponentiateTwice(buffers.query, count: rows * sizes.attention)
    grid.attend(
      buffers.query, score: attention.score, images: images, rows: rows, weights: buffers.weights,
      context: buffers.context)
    gate.forward(hidden, rows: rows, into: buffers.gate)
    ScalarGate.forward(
      buffers.gate, context: buffers.context, into: buffers.seen, rows: rows, columns: sizes.projection)
  }

  /// One word's step: the LSTM, then a look.
  func step(_ buffers: StepBuffers, rows: Int, grid: AttentionGrid, images: UnsafePointer<Int32>) {
    lstm.recurrent.multiply(buffers.joined, rows: rows, bias: nil, into: buffers.gates, adding: true)
    LSTMGates.forward(
      gates: buffers.gates, cellBefore: buffers.cellBefore, cell: buffers.cell, hidden: buffers.hidden,
      rows: rows, width: sizes.hidden)
    look(by: buffers.hidden, rows: rows, grid: grid, images: images, buffers.look)
  }

  /// What the words' logits are of.
  /// - Parameters:
  ///   - hidden: [rows, hidden]
  ///   - seen: [rows, projection]
  ///   - output: [rows, hidden], overwritten
  func output(
    of hidden: UnsafePointer<Float>, seen: UnsafePointer<Float>, rows: Int,
    into output: UnsafeMutablePointer<Float>
  ) {
    readout.forward(seen, rows: rows, into: output)
    add(hidden, to: output, count: rows * sizes.hidden)
  }

  /// The state before the first word, from the mean value of each image.
  /// - Parameters:
  ///   - values: [cells, projection]
  ///   - cells: [images], cells of each image
  ///   - mean: [images, projection], zero; becomes the means
  ///   - hidden, cell: [images, hidden], overwritten
  func firstState(
    values: UnsafePointer<Float>, cells: [Int], mean: UnsafeMutablePointer<Float>,
    hidden: UnsafeMutablePointer<Float>, cell: UnsafeMutablePointer<Float>
  ) {
    let depth = sizes.projection
    var value = values
    for (image, count) in cells.enumerated() {
      let sum = mean + image * depth
      for _ in 0..<count {
        add(value, to: sum, count: depth)
        value += depth
      }
      for i in 0..<depth { sum[i] /= Float(count) }
    }
    initialHidden.forward(mean, rows: cells.count, into: hidden)
    initialCell.forward(mean, rows: cells.count, into: cell)
  }
}
