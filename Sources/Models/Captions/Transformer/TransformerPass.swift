import Networks
import Tensors

/// The Transformer's part of a pass over given captions. All words are read at once; each attends to those of its caption that
/// stand before it.
struct TransformerPass: CorePass {
  private typealias Trace = TransformerTrace<Tensor>
  private let core: Transformer<Tensor>
  private let inputs: ForcedInputs
  private let traces: [Trace]
  /// [rows, hidden], the last layer's output, and its norm's
  private let last: MutableRows
  private let normed: Trace.Normed
  private let lists: TransformerLists<Tensor>
  /// [rows], each word's index in its caption
  private let positions: [Int]

  init(_ core: Transformer<Tensor>, _ inputs: ForcedInputs) {
    (self.core, self.inputs) = (core, inputs)
    let (arena, rows) = (inputs.arena, inputs.batch.rows)
    positions = inputs.batch.active.enumerated().flatMap { repeatElement($0, count: $1) }
    let (words, cells) = (Self.words(inputs.batch, arena), Self.cells(inputs))
    func trace(
      _ layer: MultiHeadAttention<Tensor>, entries: Int, most: Int
    ) -> MultiHeadAttention<Tensor>.Trace {
      .init(rows: rows, entries: entries, most: most, heads: layer.heads, width: layer.width, arena)
    }
    traces = core.layers.map { layer in
      Trace(
        layer, rows: rows, words: trace(layer.words, entries: rows, most: words.most),
        grid: layer.grid.map { trace($0, entries: inputs.cells, most: cells.most) }, arena)
    }
    lists = TransformerLists(words: words, cells: cells)
    last = arena.rows(rows, core.width)
    normed = Trace.Normed(rows: rows, width: core.width, arena)
  }

  /// Each row's caption up to it.
  private static func words(_ batch: CaptionBatch, _ arena: Arena) -> MultiHeadAttention<Tensor>.Lists {
    // A caption's list of all its words serves all its rows, which take it up to themselves.
    let (captions, steps) = (batch.captions, batch.active.count)
    let entries = arena.integers(captions * steps)
    let (first, count) = (arena.integers(batch.rows), arena.integers(batch.rows))
    for step in 0..<steps {
      for (caption, row) in batch.step(step).enumerated() {
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
    for step in batch.active.indices {
      for (caption, row) in batch.step(step).enumerated() {
        let image = Int(batch.image[caption])
        (first[row], count[row]) = (inputs.firstCells[image], Int32(inputs.cellCounts[image]))
      }
    }
    return .init(entries: entries, first: first, count: count, most: inputs.width)
  }

  var output: MutableRows { normed.output }

  /// Its attention is free to go where it likes.
  var attentionPenalty: Double { 0 }

  func forward() {
    for (layer, trace) in zip(core.layers, traces) {
      if let grid = trace.grid { layer.grid?.remember(Rows(inputs.values), in: grid) }
    }
    core.read(
      Rows(inputs.words), positions: positions, codes: core.positionalEncoding(inputs.batch.active.count),
      traces: traces, lists: lists, last: last, normed: normed, regularize: regularize)
  }

  /// Dropout of what a part adds; the same call on its gradient is the way back.
  private func regularize(_ layer: Int, _ part: TransformerLayer<Tensor>.Part, _ values: MutableRows) {
    let mask = 3 + layer * TransformerLayer<Tensor>.Part.allCases.count + part.rawValue
    dropout(
      values, rate: inputs.regularization.layerDropout, seed: inputs.seed &+ UInt64(mask))
  }

  func backward(
    _ totals: TeacherForcing.Totals, output: MutableRows, words: MutableRows, values: MutableRows,
    gradient: inout DecoderCore<Tensor>
  ) {
    words.fill(0)
    gradient.updateTransformer { gradient in
      core.norm.backward(
        Rows(last), Rows(output), statistics: Rows(normed.statistics), addingTo: words,
        gradient: &gradient.norm)
      for index in core.layers.indices.reversed() {
        core.layers[index].backward(
          traces[index], lists: lists, outputGradient: words, values: (Rows(inputs.values), values),
          gradient: &gradient.layers[index], arena: inputs.arena
        ) { regularize(index, $0, $1) }
      }
    }
  }
}

extension TransformerLayer where Matrix == Tensor {
  /// Back through a layer; adds to the gradients of its weights.
  /// - Parameters:
  ///   - lists: what `forward` was given
  ///   - outputGradient: [rows, hidden], that of its output; becomes that of its input.
  ///   - values: [cells, projection], what the grid's keys and values are of, and their gradient, added to; nil in an encoder
  ///   - regularize: see `forward`; the same call on a gradient is the way back.
  func backward(
    _ trace: TransformerTrace<Tensor>, lists: TransformerLists<Tensor>, outputGradient: MutableRows,
    values: (of: Rows, gradient: MutableRows)?, gradient: inout TransformerLayer<Tensor>, arena: Arena,
    regularize: (Part, MutableRows) -> Void
  ) {
    let (rows, width) = (outputGradient.rows, outputGradient.columns)
    let (part, normed) = (arena.rows(rows, width), arena.rows(rows, width))
    func begin(_ name: Part) {
      part.copy(from: Rows(outputGradient))
      regularize(name, part)
    }
    func normBackward(
      _ norm: LayerNorm, _ x: MutableRows, _ trace: TransformerTrace<Tensor>.Normed,
      gradient: inout LayerNorm
    ) {
      norm.backward(
        Rows(x), Rows(normed), statistics: Rows(trace.statistics), addingTo: outputGradient,
        gradient: &gradient)
    }

    begin(.feed)
    let feed = arena.rows(rows, trace.feed.columns)
    outer.backward(Rows(trace.feed), Rows(part), into: feed, gradient: &gradient.outer)
    reluBackward(Rows(trace.feed), feed)
    inner.backward(Rows(trace.feedNormed.output), Rows(feed), into: normed, gradient: &gradient.inner)
    normBackward(feedNorm, trace.afterGrid, trace.feedNormed, gradient: &gradient.feedNorm)

    if let grid, let gridNorm, let gridTrace = trace.grid, let cells = lists.cells, let values {
      begin(.grid)
      grid.backward(
        Rows(trace.gridNormed.output), entries: values.of, lists: cells, trace: gridTrace, dy: Rows(part),
        // A gradient has what its network has.
        into: normed, entriesGradient: values.gradient, gradient: &gradient.grid!, arena: arena)
      // A gradient has what its network has.
      normBackward(gridNorm, trace.afterWords, trace.gridNormed, gradient: &gradient.gridNorm!)
    }

    begin(.words)
    words.backward(
      Rows(trace.wordsNormed.output), entries: Rows(trace.wordsNormed.output), lists: lists.words,
      trace: trace.words, dy: Rows(part), into: normed, entriesGradient: normed, gradient: &gradient.words,
      arena: arena)
    normBackward(wordsNorm, trace.input, trace.wordsNormed, gradient: &gradient.wordsNorm)
  }
}
