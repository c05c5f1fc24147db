import Compute
import Networks
import Tensors

/// The recurrent core as its steps see it, whatever form its matrices are in: floats while they are learned, half precision
/// when captions are made.
protocol AttentionLSTMWeights: Sendable {
  var sizes: CaptionDecoder.Sizes { get }
  associatedtype Layer: LinearLayer
  /// From a value to its key: [attention, projection]
  var key: Layer { get }
  /// [attention]
  var score: Tensor { get }
  /// The pre-activation of the context's gate: [1, hidden]
  var gate: Layer { get }
  /// The word's part of the LSTM's gates: [4 * hidden, embedding]
  var input: Layer { get }
  /// The first states from the mean value: [hidden, projection] each
  var initialHidden: Layer { get }
  var initialCell: Layer { get }
  /// query = hidden Wqᵀ: [rows, hidden] to [rows, attention]
  func query(_ hidden: UnsafePointer<Float>, rows: Int, into query: UnsafeMutablePointer<Float>)
  /// gates += joined Wrᵀ: [rows, hidden + projection] to [rows, 4 * hidden]
  func recurrent(_ joined: UnsafePointer<Float>, rows: Int, addingTo gates: UnsafeMutablePointer<Float>)
}

/// Buffers of one step, each a row for every caption.
struct StepBuffers {
  /// [rows, hidden], the state before
  var hiddenBefore: UnsafePointer<Float>
  /// [rows, hidden], the cell before
  var cellBefore: UnsafePointer<Float>
  /// [rows, attention], e^(2 query)
  var query: UnsafeMutablePointer<Float>
  /// [rows], the context's gate
  var gate: UnsafeMutablePointer<Float>
  /// [rows, positions], attention weights
  var weights: UnsafeMutablePointer<Float>
  /// [rows, projection]
  var context: UnsafeMutablePointer<Float>
  /// [rows, hidden + projection], the state before and the gated context
  var joined: UnsafeMutablePointer<Float>
  /// [rows, 4 * hidden], the word's part of the gates at first; then the gates' activations
  var gates: UnsafeMutablePointer<Float>
  /// [rows, hidden], the new cell
  var cell: UnsafeMutablePointer<Float>
  /// [rows, hidden], the new state
  var hidden: UnsafeMutablePointer<Float>
}

extension AttentionLSTMWeights {
  /// One word's step: attention, gate, LSTM.
  func step(_ buffers: StepBuffers, rows: Int, grid: AttentionGrid, images: UnsafePointer<Int32>) {
    let (hidden, joined) = (sizes.hidden, sizes.hidden + sizes.projection)
    query(buffers.hiddenBefore, rows: rows, into: buffers.query)
    exponentiateTwice(buffers.query, count: rows * sizes.attention)
    grid.attend(
      buffers.query, score: score, images: images, rows: rows, weights: buffers.weights,
      context: buffers.context)
    gate.forward(buffers.hiddenBefore, rows: rows, into: buffers.gate)
    ScalarGate.forward(
      buffers.gate, context: buffers.context, into: buffers.joined + hidden, rows: rows,
      columns: sizes.projection, stride: joined)
    for row in 0..<rows {
      (buffers.joined + row * joined).update(from: buffers.hiddenBefore + row * hidden, count: hidden)
    }
    recurrent(buffers.joined, rows: rows, addingTo: buffers.gates)
    LSTMCell.forward(
      gates: buffers.gates, cellBefore: buffers.cellBefore, cell: buffers.cell, hidden: buffers.hidden,
      rows: rows, width: hidden)
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

/// The recurrent core's state while captions are made.
final class AttentionLSTMState<Weights: AttentionLSTMWeights>: CoreState {
  private let weights: Weights
  private let keys, mean, hidden, cell: UnsafeMutablePointer<Float>
  private let step: StepBuffers

  /// - Parameters:
  ///   - cells: of all images, at most
  ///   - rows: captions at once, at most
  init(_ weights: Weights, cells: Int, rows: Int, attention: UnsafeMutablePointer<Float>, _ memory: Arena) {
    self.weights = weights
    let sizes = weights.sizes
    keys = memory.floats(cells * sizes.attention)
    mean = memory.floats(sizes.projection)
    hidden = memory.floats(rows * sizes.hidden)
    cell = memory.floats(rows * sizes.hidden)
    step = StepBuffers(
      hiddenBefore: UnsafePointer(hidden), cellBefore: UnsafePointer(cell),
      query: memory.floats(rows * sizes.attention), gate: memory.floats(rows),
      weights: attention, context: memory.floats(rows * sizes.projection),
      joined: memory.floats(rows * (sizes.hidden + sizes.projection)),
      gates: memory.floats(rows * 4 * sizes.hidden),
      cell: memory.floats(rows * sizes.hidden), hidden: memory.floats(rows * sizes.hidden))
  }

  func reserve(steps: Int) {}
  func removeAll() {}
  var byteCount: Int { 0 }

  func add(_ values: UnsafePointer<Float>, first: Int, count: Int, positions: Int, image: Int) {
    let sizes = weights.sizes
    for frame in stride(from: 0, to: count, by: positions) {
      weights.key.forward(
        values + (first + frame) * sizes.projection, rows: positions,
        into: keys + (first + frame) * sizes.attention)
    }
    exponentiateTwice(keys + first * sizes.attention, count: count * sizes.attention)
    mean.update(repeating: 0, count: sizes.projection)
    weights.firstState(
      values: values + first * sizes.projection, cells: [count], mean: mean,
      hidden: step.hidden + image * sizes.hidden, cell: step.cell + image * sizes.hidden)
  }

  func advance(_ rows: StepRows, values: UnsafePointer<Float>) -> UnsafePointer<Float> {
    let sizes = weights.sizes
    for row in 0..<rows.count {
      let parent = Int(rows.parents[row]) * sizes.hidden
      (hidden + row * sizes.hidden).update(from: step.hidden + parent, count: sizes.hidden)
      (cell + row * sizes.hidden).update(from: step.cell + parent, count: sizes.hidden)
    }
    weights.input.forward(rows.words, rows: rows.count, into: step.gates)
    let grid = AttentionGrid(
      positions: rows.width, first: rows.firstCells, width: sizes.attention, depth: sizes.projection,
      keys: UnsafePointer(keys), values: values)
    weights.step(step, rows: rows.count, grid: grid, images: rows.images)
    return UnsafePointer(step.hidden)
  }
}
