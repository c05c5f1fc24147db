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
  private let last: MutableRows
  private let normed: TransformerTrace<Matrix>.Normed
  /// [rows, cells of an image]
  private let attention: MutableRows
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
  ///   - attention: [rows, cells of one image, at most], of captions at once, at most
  init(_ transformer: Transformer<Matrix>, cells: Int, attention: MutableRows, _ memory: Arena) {
    let (width, rows) = (transformer.width, attention.rows)
    (self.transformer, self.rows, self.attention) = (transformer, rows, attention)
    cellEntries = memory.integers(cells)
    for cell in 0..<cells { cellEntries[cell] = Int32(cell) }
    (firstCell, cellCount) = (memory.integers(rows), memory.integers(rows))
    (firstWord, wordCount) = (memory.integers(rows), memory.integers(rows))
    last = memory.rows(rows, width)
    normed = TransformerTrace<Matrix>.Normed(rows: rows, width: width, memory)
    (entries, entriesBefore) = (wordMemory.integers(0), wordMemory.integers(0))
    traces = transformer.layers.map { layer in
      TransformerTrace(
        layer, rows: rows, words: Self.trace(layer.words, rows: rows, entries: 0, most: 0, wordMemory),
        grid: layer.grid.map {
          Self.trace($0, rows: rows, entries: cells, most: attention.columns, memory)
        }, memory)
    }
  }

  private static func trace(
    _ layer: MultiHeadAttention<Matrix>, rows: Int, entries: Int, most: Int, _ memory: Arena
  ) -> MultiHeadAttention<Matrix>.Trace {
    MultiHeadAttention.Trace(
      rows: rows, entries: entries, most: most, heads: layer.heads, width: layer.width, memory)
  }

  var byteCount: Int { wordMemory.byteCount }

  func reserve(steps: Int) {
    guard steps > capacity else { return }
    capacity = steps
    codes = transformer.positionalEncoding(steps)
    wordMemory.reset()
    (entries, entriesBefore) = (wordMemory.integers(rows * steps), wordMemory.integers(rows * steps))
    for (index, layer) in transformer.layers.enumerated() {
      traces[index].words = Self.trace(
        layer.words, rows: rows, entries: rows * steps, most: steps, wordMemory)
    }
  }

  func add(_ values: Rows, cells: Range<Int>, positions: Int, image: Int) {
    for frame in stride(from: cells.lowerBound, to: cells.upperBound, by: positions) {
      for (layer, trace) in zip(transformer.layers, traces) {
        guard let grid = trace.grid else { continue }
        layer.grid?.remember(values[frame..<frame + positions], from: frame, in: grid)
      }
    }
  }

  func removeAll() { step = 0 }

  func advance(_ step: StepRows, values: Rows) -> Rows {
    precondition(self.step < capacity)
    let count = step.words.rows
    fillLists(step)
    transformer.read(
      step.words, positions: repeatElement(self.step, count: count), codes: codes, traces: traces,
      slot: self.step * rows,
      lists: TransformerLists(
        words: Lists(entries: entries, first: firstWord, count: wordCount, most: self.step + 1),
        cells: Lists(entries: cellEntries, first: firstCell, count: cellCount, most: step.width)),
      last: last[0..<count], normed: normed
    ) { _, _, _ in }
    if let grid = traces[traces.count - 1].grid {
      averageHeads(grid.weights, rows: count, width: step.width)
    }
    self.step += 1
    swap(&entries, &entriesBefore)
    return Rows(normed.output[0..<count])
  }

  /// The entries that each row attends to.
  private func fillLists(_ step: StepRows) {
    for row in 0..<step.words.rows {
      let words = entries + row * capacity
      words.update(from: entriesBefore + Int(step.parents[row]) * capacity, count: self.step)
      words[self.step] = Int32(self.step * rows + row)
      (firstWord[row], wordCount[row]) = (Int32(row * capacity), Int32(self.step + 1))
      let image = Int(step.images[row])
      firstCell[row] = step.firstCells[image]
      cellCount[row] = step.firstCells[image + 1] - step.firstCells[image]
    }
  }

  /// What is told of the attention: the mean over the last layer's heads.
  private func averageHeads(_ weights: MutableRows, rows: Int, width: Int) {
    let heads = transformer.layers[0].words.heads
    let weights = Rows(weights.reshaped(rows: rows * heads, columns: width))
    let means = attention.reshaped(rows: rows, columns: width)
    for row in 0..<rows { average(weights[row * heads..<(row + 1) * heads], into: means[row]) }
  }
}
