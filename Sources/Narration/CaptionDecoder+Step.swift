import Compute
import Networks
import Tensors

/// The decoder as its steps see it, whatever form its matrices are in: floats while they are learned, half precision when
/// captions are made.
protocol DecoderWeights {
  var sizes: CaptionDecoder.Sizes { get }
  /// See `CaptionDecoder.place`.
  var place: Tensor { get }
  /// [attention]
  var score: Tensor { get }
  associatedtype Layer: LinearLayer
  /// The pre-activation of the context's gate: [1, hidden]
  var gate: Layer { get }
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

extension DecoderWeights {
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
}

extension CaptionDecoder: DecoderWeights {
  var score: Tensor { attention.score }

  func query(_ hidden: UnsafePointer<Float>, rows: Int, into query: UnsafeMutablePointer<Float>) {
    multiply(
      hidden, attention.query.pointer, into: query, rows: rows, columns: sizes.attention,
      inner: sizes.hidden, transposeB: true)
  }

  func recurrent(_ joined: UnsafePointer<Float>, rows: Int, addingTo gates: UnsafeMutablePointer<Float>) {
    multiply(
      joined, lstm.recurrent.pointer, into: gates, rows: rows, columns: 4 * sizes.hidden,
      inner: sizes.hidden + sizes.projection, transposeB: true, adding: true)
  }
}
