import Networks
import Tensors

/// The Transformer's part of a pass over given captions. All words are read at once; each looks at those of its caption that
/// stand before it.
struct TransformerPass: CorePass {
  private typealias Trace = TransformerTrace<Tensor>
  private let core: Transformer<Tensor>
  private let inputs: ForcedInputs
  private let traces: [Trace]
  /// [rows, hidden], the last layer's output, and its norm's
  private let last: UnsafeMutablePointer<Float>
  private let normed: Trace.Normed
  private let wordLists, cellLists: MultiHeadAttention<Tensor>.Lists
  /// [rows], each word's place in its caption
  private let places: [Int]

  private var width: Int { core.sizes.hidden }

  init(_ core: Transformer<Tensor>, _ inputs: ForcedInputs) {
    (self.core, self.inputs) = (core, inputs)
    let (sizes, arena, rows) = (core.sizes, inputs.arena, inputs.batch.rows)
    places = inputs.batch.active.enumerated().flatMap { repeatElement($0, count: $1) }
    wordLists = Self.words(inputs.batch, arena)
    cellLists = Self.cells(inputs)
    let most = (words: wordLists.most, cells: cellLists.most)
    traces = core.layers.map { layer in
      Trace(
        sizes, rows: rows,
        words: .init(
          rows: rows, entries: rows, most: most.words, heads: layer.words.heads, width: layer.words.width,
          arena
        ),
        grid: .init(
          rows: rows, entries: inputs.cells, most: most.cells, heads: layer.grid.heads,
          width: layer.grid.width, arena),
        feedForward: layer.inner.outputs, arena)
    }
    last = arena.floats(rows * sizes.hidden)
    normed = Trace.Normed(rows: rows, width: sizes.hidden, arena)
  }

  /// Each row's caption up to it.
  private static func words(_ batch: CaptionBatch, _ arena: Arena) -> MultiHeadAttention<Tensor>.Lists {
    // A caption's list of all its words serves all its rows, which take it up to themselves.
    let (captions, steps) = (batch.captions, batch.active.count)
    let entries = arena.integers(captions * steps)
    let (first, count) = (arena.integers(batch.rows), arena.integers(batch.rows))
    for (step, active) in batch.active.enumerated() {
      for caption in 0..<active {
        let row = batch.offsets[step] + caption
        entries[caption * steps + step] = Int32(row)
        (first[row], count[row]) = (Int32(caption * steps), Int32(step + 1))
      }
    }
    return .init(entries: entries, first: first, count: count, most: steps)
  }

  /// The cells of each row's image.
  private static func cells(_ inputs: ForcedInputs) -> MultiHeadAttention<Tensor>.Lists {
    let (batch, arena) = (inputs.batch, inputs.arena)
    let entries = arena.integers(inputs.cells)
    for cell in 0..<inputs.cells { entries[cell] = Int32(cell) }
    let (first, count) = (arena.integers(batch.rows), arena.integers(batch.rows))
    for (step, active) in batch.active.enumerated() {
      for caption in 0..<active {
        let (row, image) = (batch.offsets[step] + caption, Int(batch.image[caption]))
        (first[row], count[row]) = (inputs.firstCells[image], Int32(inputs.cellCounts[image]))
      }
    }
    return .init(entries: entries, first: first, count: count, most: inputs.width)
  }

  var output: UnsafeMutablePointer<Float> { normed.output }

  /// Its attention may look where it likes.
  var attentionPenalty: Double { 0 }

  func forward() {
    for (layer, trace) in zip(core.layers, traces) {
      layer.grid.remember(inputs.values, count: inputs.cells, in: trace.grid)
    }
    core.read(
      inputs.words, positions: places, codes: core.positionCodes(inputs.batch.active.count), traces: traces,
      wordLists: wordLists, cellLists: cellLists, last: last, normed: normed, regularize: regularize)
  }

  /// Dropout of what a part adds; the same call on its gradient is the way back.
  private func regularize(
    _ layer: Int, _ part: TransformerLayer<Tensor>.Part, _ values: UnsafeMutablePointer<Float>
  ) {
    let mask = 3 + layer * TransformerLayer<Tensor>.Part.allCases.count + part.rawValue
    dropout(
      values, count: inputs.batch.rows * width, rate: inputs.regularization.layerDropout,
      seed: inputs.seed &+ UInt64(mask))
  }

  func backward(
    _ totals: TeacherForcing.Totals, output: UnsafeMutablePointer<Float>, words: UnsafeMutablePointer<Float>,
    values: UnsafeMutablePointer<Float>, gradient: inout DecoderCore<Tensor>
  ) {
    let rows = inputs.batch.rows
    words.update(repeating: 0, count: rows * width)
    gradient.updateTransformer { gradient in
      core.norm.backward(
        last, output, rows: rows, statistics: normed.statistics, addingTo: words, gradient: &gradient.norm)
      for index in core.layers.indices.reversed() {
        backward(index, slope: words, values: values, gradient: &gradient.layers[index])
      }
    }
  }

  /// Back through a layer.
  /// - Parameter slope: [rows, hidden], the gradient of its output; becomes that of its input.
  private func backward(
    _ index: Int, slope: UnsafeMutablePointer<Float>, values: UnsafeMutablePointer<Float>,
    gradient: inout TransformerLayer<Tensor>
  ) {
    let (layer, trace, arena, rows) = (core.layers[index], traces[index], inputs.arena, inputs.batch.rows)
    guard let seen = trace.words else { preconditionFailure("no words") }
    let (part, normed) = (arena.floats(rows * width), arena.floats(rows * width))
    func begin(_ name: TransformerLayer<Tensor>.Part) {
      part.update(from: slope, count: rows * width)
      regularize(index, name, part)
    }

    begin(.feed)
    let feed = arena.floats(rows * trace.feedForward)
    layer.outer.backward(trace.feed, part, rows: rows, into: feed, gradient: &gradient.outer)
    reluBackward(trace.feed, feed, count: rows * trace.feedForward)
    layer.inner.backward(trace.feedNormed.output, feed, rows: rows, into: normed, gradient: &gradient.inner)
    layer.feedNorm.backward(
      trace.afterGrid, normed, rows: rows, statistics: trace.feedNormed.statistics, addingTo: slope,
      gradient: &gradient.feedNorm)

    begin(.grid)
    layer.grid.backward(
      trace.gridNormed.output, rows: rows, entries: inputs.values, count: inputs.cells, lists: cellLists,
      trace: trace.grid, dy: part, into: normed, entriesGradient: values, gradient: &gradient.grid,
      arena: arena)
    layer.gridNorm.backward(
      trace.afterWords, normed, rows: rows, statistics: trace.gridNormed.statistics, addingTo: slope,
      gradient: &gradient.gridNorm)

    begin(.words)
    layer.words.backward(
      trace.wordsNormed.output, rows: rows, entries: trace.wordsNormed.output, count: rows, lists: wordLists,
      trace: seen, dy: part, into: normed, entriesGradient: normed, gradient: &gradient.words, arena: arena)
    layer.wordsNorm.backward(
      trace.input, normed, rows: rows, statistics: trace.wordsNormed.statistics, addingTo: slope,
      gradient: &gradient.wordsNorm)
  }
}
