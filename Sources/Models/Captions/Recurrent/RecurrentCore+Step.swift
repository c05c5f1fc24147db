import Compute
import Networks
import Tensors

/// What attention by a hidden state computes, a row for every caption.
struct ContextBuffers {
  /// [rows, attention], e^(2 query)
  let query: MutableRows
  /// [rows, 1], the context's gate
  let gate: MutableRows
  /// [rows, positions], attention weights
  let weights: MutableRows
  /// [rows, projection]
  let context: MutableRows
  /// [rows, projection], the gated context vector
  let contextVector: MutableRows

  init(
    query: MutableRows, gate: MutableRows, weights: MutableRows, context: MutableRows,
    contextVector: MutableRows
  ) {
    (self.query, self.gate, self.weights) = (query, gate, weights)
    (self.context, self.contextVector) = (context, contextVector)
  }

  init(weights: MutableRows, _ sizes: DecoderSizes, _ memory: Arena) {
    let rows = weights.rows
    self.init(
      query: memory.rows(rows, sizes.attention), gate: memory.rows(rows, 1), weights: weights,
      context: memory.rows(rows, sizes.projection), contextVector: memory.rows(rows, sizes.projection))
  }

  /// Those of some rows.
  subscript(rows: Range<Int>) -> ContextBuffers {
    ContextBuffers(
      query: query[rows], gate: gate[rows], weights: weights[rows], context: context[rows],
      contextVector: contextVector[rows])
  }

  /// Those of the first rows, the weights in rows of another length.
  func prefix(_ rows: Int, positions: Int) -> ContextBuffers {
    ContextBuffers(
      query: query[0..<rows], gate: gate[0..<rows],
      weights: weights.reshaped(rows: rows, columns: positions), context: context[0..<rows],
      contextVector: contextVector[0..<rows])
  }
}

/// What a GRU takes apart of what comes from the step before, a row for every caption.
struct SplitBuffers {
  /// [rows, hidden], the state before
  let state: MutableRows
  /// [rows, projection], its context vector
  let contextVector: MutableRows
  /// [rows, 3 * hidden], what comes of the state
  let products: MutableRows

  /// Nil of another cell.
  init?(rows: Int, _ sizes: DecoderSizes, _ memory: Arena) {
    guard sizes.cellKind == .gru else { return nil }
    state = memory.rows(rows, sizes.hidden)
    contextVector = memory.rows(rows, sizes.projection)
    products = memory.rows(rows, 3 * sizes.hidden)
  }

  private init(state: MutableRows, contextVector: MutableRows, products: MutableRows) {
    (self.state, self.contextVector, self.products) = (state, contextVector, products)
  }

  /// Those of some rows.
  subscript(rows: Range<Int>) -> SplitBuffers {
    SplitBuffers(state: state[rows], contextVector: contextVector[rows], products: products[rows])
  }
}

/// What one step computes, a row for every caption.
struct StepBuffers {
  /// [rows, hidden], the cell before; of an LSTM alone
  let cellBefore: Rows
  /// [rows, hidden + projection], the state before and its context vector
  let joined: MutableRows
  /// The same apart, of a GRU.
  let split: SplitBuffers?
  /// [rows, gates * hidden], the word's part of the gates at first; then the gates' activations
  let gates: MutableRows
  /// [rows, hidden], the new cell
  let cell: MutableRows
  /// [rows, hidden], the new state
  let hidden: MutableRows
  /// By the new state.
  let attention: ContextBuffers
}

extension StepBuffers {
  /// [rows, hidden], the state before; of a GRU alone
  var before: Rows { split.map { Rows($0.state) } ?? cellBefore }
}

extension RecurrentCore {
  /// Attention by a hidden state, and its gate.
  /// - Parameters:
  ///   - hidden: [rows, hidden]
  ///   - images: [rows], the grid of each
  func attend(
    by hidden: Rows, grid: AttentionGrid, images: UnsafePointer<Int32>, _ buffers: ContextBuffers
  ) {
    if let attention {
      attention.query.multiply(hidden, bias: nil, into: buffers.query, adding: false)
      exponentiateTwice(buffers.query)
      grid.attend(
        Rows(buffers.query), score: attention.score, images: images, weights: buffers.weights,
        context: buffers.context)
    } else {
      grid.average(images: images, weights: buffers.weights, context: buffers.context)
    }
    gate.forward(hidden, into: buffers.gate)
    ScalarGate.forward(buffers.gate, context: Rows(buffers.context), into: buffers.contextVector)
  }

  /// One word's step: the recurrence, then attention.
  func step(_ buffers: StepBuffers, grid: AttentionGrid, images: UnsafePointer<Int32>) {
    let joined = Rows(buffers.joined)
    if let split = buffers.split, let context = cell.context {
      split.state.copy(from: joined.columns(0..<sizes.hidden))
      split.contextVector.copy(from: joined.columns(sizes.hidden..<joined.columns))
      cell.recurrent.multiply(Rows(split.state), bias: nil, into: split.products, adding: false)
      context.multiply(Rows(split.contextVector), bias: nil, into: buffers.gates, adding: true)
    } else {
      cell.recurrent.multiply(joined, bias: nil, into: buffers.gates, adding: true)
    }
    RecurrentGates.forward(
      cell.kind, gates: buffers.gates, products: Rows(buffers.split?.products ?? buffers.gates),
      before: buffers.before, cellBefore: buffers.cellBefore, cell: buffers.cell, hidden: buffers.hidden)
    attend(by: Rows(buffers.hidden), grid: grid, images: images, buffers.attention)
  }

  /// What the words' logits are of.
  /// - Parameters:
  ///   - hidden: [rows, hidden]
  ///   - contextVector: [rows, projection]
  ///   - output: [rows, hidden], overwritten
  func output(of hidden: Rows, contextVector: Rows, into output: MutableRows) {
    readout.forward(contextVector, into: output)
    add(hidden, to: output)
  }

  /// The state before the first word, from the mean value of each image.
  /// - Parameters:
  ///   - values: [cells, projection]
  ///   - cells: [images], cells of each image
  ///   - mean: [images, projection], overwritten
  ///   - hidden, cell: [images, hidden], overwritten, the cell of an LSTM alone
  func firstState(
    values: Rows, cells: [Int], mean: MutableRows, hidden: MutableRows, cell: MutableRows
  ) {
    precondition(values.rows == cells.reduce(0, +) && mean.rows == cells.count)
    precondition(values.columns == mean.columns)
    var first = 0
    for (image, count) in cells.enumerated() {
      Networks.mean(values[first..<first + count], into: mean[image])
      first += count
    }
    initialHidden.forward(Rows(mean), into: hidden)
    initialCell?.forward(Rows(mean), into: cell)
  }
}
