import Compute
import Language
import Networks
import Tensors

/// The decoder made ready for one beam width: weights packed for products with that many rows, all memory in place.
/// Nothing is allocated for a word but its entry in the result. One for each worker.
package final class CaptionGenerator {
  /// A caption in vocabulary indices.
  package struct Result {
    /// The end marker included, if the sentence ended.
    package let words: [Int32]
    package let logProbabilities: [Float]
    /// For each word the attention weights, [frames * positions].
    package let attention: [[Float]]
    package let logProbability: Float
  }

  package let width: Int
  private let decoder: CaptionDecoder
  private let positions: Int
  /// Frames that there is room for.
  package let frames: Int
  package let style: Int
  private let lengthExponent: Float
  private let projection: PackedMatrix
  private let key: PackedMatrix
  private let input: HalfMatrix
  private let output: HalfMatrix
  private let products: HalfProducts
  private let memory = Arena()
  private let buffers: Buffers

  /// - Parameters:
  ///   - positions: cells of a frame
  ///   - frames: most frames of a clip
  ///   - style: whose way of writing to follow
  package init(
    _ decoder: CaptionDecoder, positions: Int, frames: Int = 1, style: Int = 0, width: Int,
    lengthExponent: Float, _ engine: Engine
  ) throws {
    precondition(style < max(1, decoder.sizes.styles ?? 1) && frames > 0)
    (self.decoder, self.positions, self.frames, self.style) = (decoder, positions, frames, style)
    (self.width, self.lengthExponent) = (width, lengthExponent)
    projection = try PackedMatrix(decoder.projection.weight, rows: positions, engine)
    key = try PackedMatrix(decoder.attention.key.weight, rows: positions, engine)
    input = HalfMatrix(decoder.lstm.input.weight)
    output = HalfMatrix(decoder.output.weight)
    let sizes = decoder.sizes
    buffers = Buffers(sizes, cells: frames * positions, rows: width, memory)
    products = HalfProducts(
      query: HalfMatrix(decoder.attention.query), recurrent: HalfMatrix(decoder.lstm.recurrent),
      product: memory.floats(width * 4 * sizes.hidden))
  }

  /// Captions for one image or clip, best first; at most `width`.
  /// - Parameter features: [count, positions, channels], frames in order of time
  package func captions(_ features: UnsafePointer<Float>, frames count: Int = 1, maximumWords: Int)
    -> [Result]
  {
    precondition(1...frames ~= count)
    let (sizes, b, cells) = (decoder.sizes, buffers, count * positions)
    prepare(features, count)
    var beam = BeamSearch(
      width: width, end: Vocabulary.end,
      excluded: [Vocabulary.padding, Vocabulary.beginning, Vocabulary.unknown],
      lengthExponent: lengthExponent)
    var attention: [[Float]] = []
    var words = [Int32](repeating: Vocabulary.beginning, count: width)
    let images = [Int32](repeating: 0, count: width)
    while !beam.isFinished, attention.count <= maximumWords {
      for (row, word) in words.enumerated() {
        (b.words + row * sizes.embedding).update(
          from: decoder.embedding.pointer + Int(word) * sizes.embedding, count: sizes.embedding)
        if decoder.style.count > 0 {
          add(
            decoder.style.pointer + style * sizes.embedding, to: b.words + row * sizes.embedding,
            count: sizes.embedding)
        }
      }
      input.multiply(b.words, rows: width, into: b.step.gates)
      decoder.lstm.input.addBias(b.step.gates, rows: width)
      decoder.step(b.step, rows: width, grid: b.grid(sizes, cells), images: images, products: products)
      output.multiply(b.step.hidden, rows: width, into: b.logits)
      decoder.output.addBias(b.logits, rows: width)
      logSoftmax(b.logits, rows: width, columns: sizes.words)
      attention.append(Array(UnsafeBufferPointer(start: b.step.weights, count: width * cells)))
      let parents = beam.advance(b.logits, words: sizes.words, ending: attention.count > maximumWords)
      for (row, parent) in parents.enumerated() {
        (b.hidden + row * sizes.hidden).update(
          from: b.step.hidden + parent * sizes.hidden, count: sizes.hidden)
        (b.cell + row * sizes.hidden).update(from: b.step.cell + parent * sizes.hidden, count: sizes.hidden)
        words[row] = beam.hypotheses[row].words.last ?? Vocabulary.end
      }
    }
    return beam.ranked.map { hypothesis in
      Result(
        words: hypothesis.words, logProbabilities: hypothesis.logProbabilities,
        attention: hypothesis.rows.enumerated().map { step, row in
          Array(attention[step][row * cells..<(row + 1) * cells])
        }, logProbability: hypothesis.logProbability)
    }
  }

  /// Values, keys and the first state.
  private func prepare(_ features: UnsafePointer<Float>, _ count: Int) {
    let (sizes, b, cells) = (decoder.sizes, buffers, count * positions)
    for frame in 0..<count {
      projection.multiply(
        features + frame * positions * sizes.channels, into: b.values + frame * positions * sizes.projection)
    }
    decoder.projection.addBias(b.values, rows: cells)
    decoder.addPlaces(to: b.values, frames: [count], positions: positions)
    relu(b.values, count: cells * sizes.projection)
    for frame in 0..<count {
      key.multiply(
        b.values + frame * positions * sizes.projection, into: b.keys + frame * positions * sizes.attention)
    }
    decoder.attention.key.addBias(b.keys, rows: cells)
    b.mean.update(repeating: 0, count: sizes.projection)
    decoder.firstState(
      values: b.values, cells: [cells], mean: b.mean, hidden: b.hidden, cell: b.cell)
    for row in 1..<max(width, 1) {
      (b.hidden + row * sizes.hidden).update(from: b.hidden, count: sizes.hidden)
      (b.cell + row * sizes.hidden).update(from: b.cell, count: sizes.hidden)
    }
  }
}

/// Memory of a generator.
private struct Buffers {
  let values, keys, mean, words, logits, hidden, cell: UnsafeMutablePointer<Float>
  let step: StepBuffers

  init(_ sizes: CaptionDecoder.Sizes, cells: Int, rows: Int, _ memory: Arena) {
    values = memory.floats(cells * sizes.projection)
    keys = memory.floats(cells * sizes.attention)
    mean = memory.floats(sizes.projection)
    words = memory.floats(rows * sizes.embedding)
    logits = memory.floats(rows * sizes.words)
    hidden = memory.zeros(rows * sizes.hidden)
    cell = memory.zeros(rows * sizes.hidden)
    step = StepBuffers(
      hiddenBefore: UnsafePointer(hidden), cellBefore: UnsafePointer(cell),
      query: memory.floats(rows * sizes.attention), gate: memory.floats(rows),
      weights: memory.floats(rows * cells), context: memory.floats(rows * sizes.projection),
      joined: memory.floats(rows * (sizes.hidden + sizes.projection)),
      gates: memory.floats(rows * 4 * sizes.hidden),
      cell: memory.floats(rows * sizes.hidden), hidden: memory.floats(rows * sizes.hidden))
  }

  func grid(_ sizes: CaptionDecoder.Sizes, _ cells: Int) -> AttentionGrid {
    AttentionGrid(
      positions: cells, width: sizes.attention, depth: sizes.projection, keys: UnsafePointer(keys),
      values: UnsafePointer(values))
  }
}

/// Products with weights in half precision.
private struct HalfProducts: StepProducts {
  let query: HalfMatrix
  let recurrent: HalfMatrix
  /// [rows, 4 * hidden]
  let product: UnsafeMutablePointer<Float>

  func query(_ hidden: UnsafePointer<Float>, rows: Int, into result: UnsafeMutablePointer<Float>) {
    query.multiply(hidden, rows: rows, into: result)
  }

  func recurrent(_ joined: UnsafePointer<Float>, rows: Int, addingTo gates: UnsafeMutablePointer<Float>) {
    recurrent.multiply(joined, rows: rows, into: product)
    add(product, to: gates, count: rows * recurrent.outputs)
  }
}
