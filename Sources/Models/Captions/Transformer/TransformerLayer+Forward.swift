import Networks
import Tensors

/// What a layer computes, a row for every word: of a whole batch while it is learned, of one step when captions are made.
struct TransformerTrace<Matrix: WeightMatrix> {
  /// [rows, hidden], normed, and the norm's statistics
  struct Normed {
    let output: UnsafeMutablePointer<Float>
    /// [rows, 2]
    let statistics: UnsafeMutablePointer<Float>

    init(rows: Int, width: Int, _ memory: Arena) {
      output = memory.floats(rows * width)
      statistics = memory.floats(rows * 2)
    }
  }

  /// [rows, hidden], what comes in
  let input: UnsafeMutablePointer<Float>
  /// [rows, hidden], with what was seen of the words
  let afterWords: UnsafeMutablePointer<Float>
  /// [rows, hidden], and of the grid
  let afterGrid: UnsafeMutablePointer<Float>
  let wordsNormed, gridNormed, feedNormed: Normed
  /// Entries are the words; nil until it is known how many there will be.
  var words: MultiHeadAttention<Matrix>.Trace?
  /// Entries are the cells.
  let grid: MultiHeadAttention<Matrix>.Trace
  /// [rows, feedForward], after the ReLU
  let feed: UnsafeMutablePointer<Float>
  let feedForward: Int

  init(
    _ sizes: DecoderSizes, rows: Int, words: MultiHeadAttention<Matrix>.Trace? = nil,
    grid: MultiHeadAttention<Matrix>.Trace, feedForward: Int, _ memory: Arena
  ) {
    let width = sizes.hidden
    input = memory.floats(rows * width)
    afterWords = memory.floats(rows * width)
    afterGrid = memory.floats(rows * width)
    wordsNormed = Normed(rows: rows, width: width, memory)
    gridNormed = Normed(rows: rows, width: width, memory)
    feedNormed = Normed(rows: rows, width: width, memory)
    (self.words, self.grid, self.feedForward) = (words, grid, feedForward)
    feed = memory.floats(rows * feedForward)
  }
}

extension TransformerLayer {
  /// The parts of a layer that are added to what it is given.
  enum Part: Int, CaseIterable { case words, grid, feed }

  /// Reads words, of which the layer remembers keys and values.
  /// - Parameters:
  ///   - slot: the entry that the first row's word becomes
  ///   - wordLists, cellLists: the words and the cells that each row looks at
  ///   - output: [rows, hidden], overwritten
  ///   - regularize: applied to what each part adds, [rows, hidden], before it is added
  func forward(
    _ trace: TransformerTrace<Matrix>, rows: Int, slot: Int, wordLists: MultiHeadAttention<Matrix>.Lists,
    cellLists: MultiHeadAttention<Matrix>.Lists, into output: UnsafeMutablePointer<Float>,
    regularize: (Part, UnsafeMutablePointer<Float>) -> Void
  ) {
    let count = rows * wordsNorm.width
    /// sum = part + base, the part in its place already
    func join(_ part: Part, _ base: UnsafePointer<Float>, in sum: UnsafeMutablePointer<Float>) {
      regularize(part, sum)
      add(base, to: sum, count: count)
    }
    let (first, second, third) = (trace.wordsNormed, trace.gridNormed, trace.feedNormed)
    guard let seen = trace.words else { preconditionFailure("no room for words") }
    wordsNorm.forward(trace.input, rows: rows, into: first.output, statistics: first.statistics)
    words.remember(first.output, count: rows, from: slot, in: seen)
    words.attend(first.output, rows: rows, lists: wordLists, trace: seen, into: trace.afterWords)
    join(.words, trace.input, in: trace.afterWords)

    gridNorm.forward(trace.afterWords, rows: rows, into: second.output, statistics: second.statistics)
    grid.attend(second.output, rows: rows, lists: cellLists, trace: trace.grid, into: trace.afterGrid)
    join(.grid, trace.afterWords, in: trace.afterGrid)

    feedNorm.forward(trace.afterGrid, rows: rows, into: third.output, statistics: third.statistics)
    inner.forward(third.output, rows: rows, into: trace.feed)
    relu(trace.feed, count: rows * trace.feedForward)
    outer.forward(trace.feed, rows: rows, into: output)
    join(.feed, trace.afterGrid, in: output)
  }
}

extension Transformer {
  /// Reads words through all layers.
  /// - Parameters:
  ///   - words: [rows, hidden]
  ///   - positions: [rows], the place of each in its sentence
  ///   - codes: see `positionCodes`
  ///   - traces: of the layers
  ///   - slot, wordLists, cellLists: see `TransformerLayer.forward`
  ///   - last: [rows, hidden], the last layer's output, overwritten
  ///   - normed: the hidden states, overwritten
  ///   - regularize: see `TransformerLayer.forward`; the layer comes first.
  func read(
    _ words: UnsafePointer<Float>, positions: some Collection<Int>, codes: Tensor,
    traces: [TransformerTrace<Matrix>],
    slot: Int = 0, wordLists: MultiHeadAttention<Matrix>.Lists, cellLists: MultiHeadAttention<Matrix>.Lists,
    last: UnsafeMutablePointer<Float>, normed: TransformerTrace<Matrix>.Normed,
    regularize: (Int, TransformerLayer<Matrix>.Part, UnsafeMutablePointer<Float>) -> Void
  ) {
    let (rows, input) = (positions.count, traces[0].input)
    input.update(from: words, count: rows * sizes.hidden)
    for (row, position) in positions.enumerated() {
      add(codes.pointer + position * sizes.hidden, to: input + row * sizes.hidden, count: sizes.hidden)
    }
    for (index, layer) in layers.enumerated() {
      layer.forward(
        traces[index], rows: rows, slot: slot, wordLists: wordLists, cellLists: cellLists,
        into: index + 1 < layers.count ? traces[index + 1].input : last
      ) { regularize(index, $0, $1) }
    }
    norm.forward(last, rows: rows, into: normed.output, statistics: normed.statistics)
  }
}
