import Networks
import Tensors

/// What a layer computes, a row for every word: of a whole batch while it is learned, of one step when captions are made.
struct TransformerTrace<Matrix: WeightMatrix> {
  /// [rows, hidden], normed, and the norm's statistics
  struct Normed {
    let output: MutableRows
    /// [rows, 2]
    let statistics: MutableRows

    init(rows: Int, width: Int, _ memory: Arena) {
      (output, statistics) = (memory.rows(rows, width), memory.rows(rows, 2))
    }
  }

  /// [rows, hidden], what comes in
  let input: MutableRows
  /// [rows, hidden], with what attention over the words adds
  let afterWords: MutableRows
  /// [rows, hidden], and over the grid
  let afterGrid: MutableRows
  let wordsNormed, gridNormed, feedNormed: Normed
  /// Entries are the words.
  var words: MultiHeadAttention<Matrix>.Trace
  /// Entries are the cells; nil in an encoder.
  let grid: MultiHeadAttention<Matrix>.Trace?
  /// [rows, feedForward], after the ReLU
  let feed: MutableRows

  init(
    _ layer: TransformerLayer<Matrix>, rows: Int, words: MultiHeadAttention<Matrix>.Trace,
    grid: MultiHeadAttention<Matrix>.Trace?, _ memory: Arena
  ) {
    let width = layer.wordsNorm.width
    input = memory.rows(rows, width)
    afterWords = memory.rows(rows, width)
    afterGrid = memory.rows(rows, width)
    wordsNormed = Normed(rows: rows, width: width, memory)
    gridNormed = Normed(rows: rows, width: width, memory)
    feedNormed = Normed(rows: rows, width: width, memory)
    (self.words, self.grid) = (words, grid)
    feed = memory.rows(rows, layer.inner.outputs)
  }
}

/// The entries that each row of a batch attends to.
struct TransformerLists<Matrix: WeightMatrix> {
  /// Words of its caption up to it; in an encoder, all words of its sentence.
  let words: MultiHeadAttention<Matrix>.Lists
  /// Cells of its image; nil in an encoder.
  let cells: MultiHeadAttention<Matrix>.Lists?
}

extension TransformerLayer {
  /// The parts of a layer that are added to what it is given.
  enum Part: Int, CaseIterable { case words, grid, feed }

  /// Reads words, of which the layer remembers keys and values.
  /// - Parameters:
  ///   - trace: whose `input` is read
  ///   - slot: the entry that the first row's word becomes
  ///   - output: [rows, hidden], overwritten
  ///   - regularize: applied to what each part adds, [rows, hidden], before it is added
  func forward(
    _ trace: TransformerTrace<Matrix>, slot: Int, lists: TransformerLists<Matrix>, into output: MutableRows,
    regularize: (Part, MutableRows) -> Void
  ) {
    let rows = 0..<output.rows
    /// sum = part + base, the part in its place already
    func join(_ part: Part, _ base: MutableRows, in sum: MutableRows) {
      regularize(part, sum)
      add(Rows(base), to: sum)
    }
    func norm(
      _ layer: LayerNorm, _ x: MutableRows, _ normed: TransformerTrace<Matrix>.Normed
    ) -> Rows {
      layer.forward(Rows(x), into: normed.output[rows], statistics: normed.statistics)
      return Rows(normed.output[rows])
    }
    let (input, afterWords, afterGrid) = (trace.input[rows], trace.afterWords[rows], trace.afterGrid[rows])
    let first = norm(wordsNorm, input, trace.wordsNormed)
    words.remember(first, from: slot, in: trace.words)
    words.attend(first, lists: lists.words, trace: trace.words, into: afterWords)
    join(.words, input, in: afterWords)

    if let grid, let gridNorm, let gridTrace = trace.grid, let cells = lists.cells {
      let second = norm(gridNorm, afterWords, trace.gridNormed)
      grid.attend(second, lists: cells, trace: gridTrace, into: afterGrid)
      join(.grid, afterWords, in: afterGrid)
    } else {
      afterGrid.copy(from: Rows(afterWords))
    }

    let third = norm(feedNorm, afterGrid, trace.feedNormed)
    inner.forward(third, into: trace.feed[rows])
    relu(trace.feed[rows])
    outer.forward(Rows(trace.feed[rows]), into: output)
    join(.feed, afterGrid, in: output)
  }
}

extension Transformer {
  /// Reads words through all layers.
  /// - Parameters:
  ///   - words: [rows, hidden]
  ///   - positions: [rows], the index of each in its sentence
  ///   - codes: see `positionalEncoding`
  ///   - traces: of the layers
  ///   - slot: see `TransformerLayer.forward`
  ///   - last: [rows, hidden], the last layer's output, overwritten
  ///   - normed: the hidden states, overwritten
  ///   - regularize: see `TransformerLayer.forward`; the layer comes first.
  func read(
    _ words: Rows, positions: some Collection<Int>, codes: Tensor, traces: [TransformerTrace<Matrix>],
    slot: Int = 0, lists: TransformerLists<Matrix>, last: MutableRows,
    normed: TransformerTrace<Matrix>.Normed,
    regularize: (Int, TransformerLayer<Matrix>.Part, MutableRows) -> Void
  ) {
    precondition(positions.count == words.rows && last.rows == words.rows)
    let (rows, codes) = (0..<words.rows, codes.rows)
    let input = traces[0].input[rows]
    input.copy(from: words)
    for (row, position) in positions.enumerated() {
      add(codes[position], to: input[row], count: width)
    }
    for (index, layer) in layers.enumerated() {
      layer.forward(
        traces[index], slot: slot, lists: lists,
        into: index + 1 < layers.count ? traces[index + 1].input[rows] : last
      ) { regularize(index, $0, $1) }
    }
    norm.forward(Rows(last), into: normed.output[rows], statistics: normed.statistics)
  }
}
