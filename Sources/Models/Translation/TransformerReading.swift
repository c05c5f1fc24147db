import Networks
import Tensors

/// Sentences read by a Transformer, each word attending to all of its sentence.
struct TransformerReading<Matrix: WeightMatrix> {
  private let core: Transformer<Matrix>
  private let lengths: [Int]
  private let arena: Arena
  private let traces: [TransformerTrace<Matrix>]
  private let lists: TransformerLists<Matrix>
  /// [rows, width], the last layer's output
  private let last: MutableRows
  let normed: TransformerTrace<Matrix>.Normed

  /// - Parameter lengths: words of each sentence
  init(_ core: Transformer<Matrix>, lengths: [Int], _ arena: Arena) {
    (self.core, self.lengths, self.arena) = (core, lengths, arena)
    let (rows, most) = (lengths.reduce(0, +), lengths.max() ?? 0)
    let entries = arena.integers(rows)
    let (first, count) = (arena.integers(rows), arena.integers(rows))
    var begin = 0
    for length in lengths {
      for row in begin..<begin + length {
        (entries[row], first[row], count[row]) = (Int32(row), Int32(begin), Int32(length))
      }
      begin += length
    }
    lists = TransformerLists(
      words: .init(entries: entries, first: first, count: count, most: most), cells: nil)
    traces = core.layers.map { layer in
      TransformerTrace(
        layer, rows: rows,
        words: .init(
          rows: rows, entries: rows, most: most, heads: layer.words.heads, width: layer.words.width, arena),
        grid: nil, arena)
    }
    last = arena.rows(rows, core.width)
    normed = TransformerTrace<Matrix>.Normed(rows: rows, width: core.width, arena)
  }

  /// - Parameter words: [rows, width]
  func read(_ words: Rows, layerDropout: Float, seed: UInt64) {
    core.read(
      words, positions: lengths.flatMap { Array(0..<$0) }, codes: core.positionalEncoding(lengths.max() ?? 0),
      traces: traces, lists: lists, last: last, normed: normed
    ) { Self.regularize($0, $1, $2, layerDropout, seed) }
  }

  /// Dropout of what a part adds; the same call on its gradient is the way back.
  private static func regularize(
    _ layer: Int, _ part: TransformerLayer<Matrix>.Part, _ values: MutableRows, _ rate: Float, _ seed: UInt64
  ) {
    let mask = layer * TransformerLayer<Matrix>.Part.allCases.count + part.rawValue
    dropout(values, rate: rate, seed: seed &+ UInt64(mask))
  }
}

extension TransformerReading where Matrix == Tensor {
  /// Adds to the gradients of the weights.
  /// - Parameters:
  ///   - outputGradient: [rows, width]
  ///   - words: [rows, width], the gradient of the words, zeros that it is added to
  func backward(
    _ outputGradient: Rows, words: MutableRows, layerDropout: Float, seed: UInt64,
    gradient: inout Transformer<Tensor>
  ) {
    core.norm.backward(
      Rows(last), outputGradient, statistics: Rows(normed.statistics), addingTo: words,
      gradient: &gradient.norm)
    for index in core.layers.indices.reversed() {
      core.layers[index].backward(
        traces[index], lists: lists, outputGradient: words, values: nil, gradient: &gradient.layers[index],
        arena: arena
      ) { Self.regularize(index, $0, $1, layerDropout, seed) }
    }
  }
}
