import Networks
import Tensors

/// A Transformer's state while captions are made: keys and values of the cells, and of the words of all captions, in which
/// captions with the same beginning share its words. A caption is the list of its words' entries.
final class TransformerState<Matrix: WeightMatrix>: CoreState {
  private typealias Lists = MultiHeadAttention<Matrix>.Lists
  private let transformer: Transformer<Matrix>
  /// Captions at once, at most.
  private let rows: Int
  /// [cells], 0, 1, 2 …
  private let cellEntries: UnsafeMutablePointer<Int32>
  /// [rows], where the list of a row's cells begins, and its length; and that of its words
  private let firstCell, cellCount, firstWord, wordCount: UnsafeMutablePointer<Int32>
  private var traces: [TransformerTrace<Matrix>] = []
  /// [rows, hidden], the last layer's output, and its norm's
  private let last: UnsafeMutablePointer<Float>
  private let normed: TransformerTrace<Matrix>.Normed
  /// [rows, cells of an image]
  private let attention: UnsafeMutablePointer<Float>
  /// What depends on the number of steps.
  private let wordMemory = Arena()
  /// Steps that there is room for.
  private var capacity = 0
  /// [capacity, hidden]
  private var codes = Tensor(shape: [0])
  /// [rows, capacity], the entries of each caption's words, and those of the step before
  private var entries, entriesBefore: UnsafeMutablePointer<Int32>
  /// Steps made.
  private var step = 0

  /// - Parameters:
  ///   - cells: of all images, at most
  ///   - widest: cells of one image, at most
  ///   - rows: captions at once, at most
  init(
    _ transformer: Transformer<Matrix>, cells: Int, widest: Int, rows: Int,
    attention: UnsafeMutablePointer<Float>, _ memory: Arena
  ) {
    let sizes = transformer.sizes
    (self.transformer, self.rows, self.attention) = (transformer, rows, attention)
    cellEntries = memory.integers(cells)
    for cell in 0..<cells { cellEntries[cell] = Int32(cell) }
    (firstCell, cellCount) = (memory.integers(rows), memory.integers(rows))
    (firstWord, wordCount) = (memory.integers(rows), memory.integers(rows))
    last = memory.floats(rows * sizes.hidden)
    normed = TransformerTrace<Matrix>.Normed(rows: rows, width: sizes.hidden, memory)
    (entries, entriesBefore) = (wordMemory.integers(0), wordMemory.integers(0))
    traces = transformer.layers.map { layer in
      TransformerTrace(
        sizes, rows: rows,
        grid: MultiHeadAttention.Trace(
          rows: rows, entries: cells, most: widest, heads: layer.grid.heads, width: layer.grid.width, memory),
        feedForward: layer.inner.outputs, memory)
    }
  }

  var byteCount: Int { wordMemory.byteCount }

  func reserve(steps: Int) {
    guard steps > capacity else { return }
    capacity = steps
    codes = transformer.positionCodes(steps)
    wordMemory.reset()
    (entries, entriesBefore) = (wordMemory.integers(rows * steps), wordMemory.integers(rows * steps))
    for (index, layer) in transformer.layers.enumerated() {
      traces[index].words = MultiHeadAttention.Trace(
        rows: rows, entries: rows * steps, most: steps, heads: layer.words.heads, width: layer.words.width,
        wordMemory)
    }
  }

  func add(_ values: UnsafePointer<Float>, first: Int, count: Int, positions: Int, image: Int) {
    for frame in stride(from: first, to: first + count, by: positions) {
      for (layer, trace) in zip(transformer.layers, traces) {
        layer.grid.remember(
          values + frame * transformer.sizes.projection, count: positions, from: frame, in: trace.grid)
      }
    }
  }

  func removeAll() { step = 0 }

  func advance(_ step: StepRows, values: UnsafePointer<Float>) -> UnsafePointer<Float> {
    precondition(self.step < capacity)
    let count = step.count
    lists(step)
    let wordLists = Lists(entries: entries, first: firstWord, count: wordCount, most: self.step + 1)
    let cellLists = Lists(entries: cellEntries, first: firstCell, count: cellCount, most: step.width)
    transformer.read(
      step.words, positions: repeatElement(self.step, count: count), codes: codes, traces: traces,
      slot: self.step * rows,
      wordLists: wordLists, cellLists: cellLists, last: last, normed: normed
    ) { _, _, _ in }
    let looked = traces[traces.count - 1].grid.weights
    averageHeads(looked, rows: count, width: step.width)
    self.step += 1
    swap(&entries, &entriesBefore)
    return UnsafePointer(normed.output)
  }

  /// The entries that each row looks at.
  private func lists(_ rows: StepRows) {
    for row in 0..<rows.count {
      let words = entries + row * capacity
      words.update(from: entriesBefore + Int(rows.parents[row]) * capacity, count: step)
      words[step] = Int32(step * self.rows + row)
      (firstWord[row], wordCount[row]) = (Int32(row * capacity), Int32(step + 1))
      let image = Int(rows.images[row])
      firstCell[row] = rows.firstCells[image]
      cellCount[row] = rows.firstCells[image + 1] - rows.firstCells[image]
    }
  }

  /// What is told of the attention: the mean over the last layer's heads.
  private func averageHeads(_ weights: UnsafePointer<Float>, rows: Int, width: Int) {
    let heads = transformer.layers[0].grid.heads
    for row in 0..<rows {
      average(weights + row * heads * width, rows: heads, columns: width, into: attention + row * width)
    }
  }
}
