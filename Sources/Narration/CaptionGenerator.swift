import Compute
import Foundation
import Language
import Networks
import Tensors

/// The decoder made ready for one beam width, all memory in place: nothing is allocated for a word. It searches the captions of
/// several images side by side, whose words are then read off the same pass over the weights. One for each worker.
package final class CaptionGenerator {
  /// A caption in vocabulary indices.
  package struct Result {
    /// The end marker included, if the sentence ended.
    package let words: [Int32]
    package let logProbabilities: [Float]
    /// For each word the attention weights, [frames * positions].
    package let attention: [[Float]]
    package let logProbability: Float
    /// See `BeamSearch.Sentence`.
    package let score: Float
  }
  /// The search for one image's caption.
  private struct Search {
    var beam: BeamSearch
    /// Cells of the image's grids.
    let cells: Int
    /// The first row of its open sentences, as they were in the last step.
    var firstRow: Int
    /// Where each step's weights begin in `attention`.
    var steps: [Int] = []
    /// The attention weights of all steps: [steps, rows, cells].
    var attention: [Float] = []
  }

  package let width: Int
  /// Images that there is room for.
  package let batch: Int
  private let decoder: HalfDecoder
  private let positions: Int
  /// Frames of an image or clip that there is room for.
  package let frames: Int
  package let style: Int
  private let lengthExponent: Float
  /// See `BeamSearch`.
  private let repetitions: [[Int32]]
  private let memory = Arena()
  private let buffers: Buffers
  private var searches: [Search] = []
  /// What the last search took: passes over the weights, and sentences continued in all of them.
  package private(set) var effort = (steps: 0, rows: 0)
  /// Bytes of memory, for whatever is added.
  package var byteCount: Int { memory.byteCount }
  /// Cells of all images added.
  private var cells = 0

  /// - Parameters:
  ///   - positions: cells of a frame
  ///   - frames: most frames of a clip
  ///   - batch: most images at once
  ///   - style: whose way of writing to follow
  package init(
    _ decoder: HalfDecoder, positions: Int, frames: Int = 1, batch: Int = 1, style: Int = 0, width: Int,
    lengthExponent: Float, repetitions: [[Int32]] = []
  ) {
    self.repetitions = repetitions
    precondition(repetitions.isEmpty || repetitions.count == decoder.sizes.words)
    precondition(style < max(1, decoder.sizes.styles ?? 1) && frames > 0 && batch > 0)
    (self.decoder, self.positions, self.frames, self.style) = (decoder, positions, frames, style)
    (self.batch, self.width, self.lengthExponent) = (batch, width, lengthExponent)
    buffers = Buffers(
      decoder.sizes, cells: frames * positions, images: batch, rows: batch * width, memory)
  }

  /// Captions for one image or clip, best first; at most `width`. On as many threads as `setThreadCount` allows the calling
  /// one.
  /// - Parameter features: [count, positions, channels], frames in order of time
  package func captions(_ features: UnsafePointer<Float>, frames count: Int = 1, maximumWords: Int)
    -> [Result]
  {
    add(features, frames: count)
    return captions(maximumWords: maximumWords)[0]
  }

  /// Adds an image or clip to those whose captions are made next: its values, its keys, and its state before the first word.
  /// - Parameter features: [count, positions, channels], frames in order of time; used at once
  package func add(_ features: UnsafePointer<Float>, frames count: Int = 1) {
    precondition(1...frames ~= count && searches.count < batch)
    let (sizes, b, image) = (decoder.sizes, buffers, searches.count)
    let (values, keys) = (b.values + cells * sizes.projection, b.keys + cells * sizes.attention)
    // A frame at a time, whose rows stay in the cache.
    for frame in 0..<count {
      decoder.projection.forward(
        features + frame * positions * sizes.channels, rows: positions,
        into: values + frame * positions * sizes.projection)
    }
    decoder.addPlaces(to: values, frames: [count], positions: positions)
    relu(values, count: count * positions * sizes.projection)
    for frame in 0..<count {
      decoder.key.forward(
        values + frame * positions * sizes.projection, rows: positions,
        into: keys + frame * positions * sizes.attention)
    }
    exponentiateTwice(keys, count: count * positions * sizes.attention)
    b.mean.update(repeating: 0, count: sizes.projection)
    // As if they were those of a step before.
    decoder.firstState(
      values: values, cells: [count * positions], mean: b.mean, hidden: b.step.hidden + image * sizes.hidden,
      cell: b.step.cell + image * sizes.hidden)
    let beam = BeamSearch(
      width: width, end: Vocabulary.end,
      excluded: Vocabulary.unwritten, repetitions: repetitions, lengthExponent: lengthExponent
    )
    searches.append(Search(beam: beam, cells: count * positions, firstRow: image))
    cells += count * positions
    b.firstCells[image + 1] = Int32(cells)
  }

  /// The captions of all that was added, in that order: best first, at most `width` each. Nothing is left added.
  package func captions(maximumWords: Int) -> [[Result]] {
    let (sizes, b) = (decoder.sizes, buffers)
    let most = searches.map(\.cells).max() ?? 0
    for index in searches.indices {
      searches[index].beam.reserve(steps: maximumWords + 1)
      searches[index].steps.reserveCapacity(maximumWords + 1)
      searches[index].attention.reserveCapacity((maximumWords + 1) * width * searches[index].cells)
    }
    effort = (0, 0)
    for step in 0...maximumWords {
      let rows = begin()
      guard rows > 0 else { break }
      effort = (effort.steps + 1, effort.rows + rows)
      decoder.input.forward(b.words, rows: rows, into: b.step.gates)
      decoder.step(
        b.step, rows: rows, grid: b.grid(sizes, positions: most), images: UnsafePointer(b.images))
      decoder.output.forward(b.step.hidden, rows: rows, into: b.logits)
      logSoftmax(b.logits, rows: rows, columns: sizes.words)
      for index in searches.indices where !searches[index].beam.isFinished {
        let (first, cells) = (searches[index].firstRow, searches[index].cells)
        searches[index].steps.append(searches[index].attention.count)
        for row in first..<first + searches[index].beam.open.count {
          searches[index].attention.append(
            contentsOf: UnsafeBufferPointer(start: b.step.weights + row * most, count: cells))
        }
        searches[index].beam.advance(
          b.logits + first * sizes.words, words: sizes.words, ending: step == maximumWords)
      }
    }
    defer { removeAll() }
    return searches.map(Self.results)
  }

  /// Forgets what was added.
  package func removeAll() {
    searches.removeAll(keepingCapacity: true)
    cells = 0
  }

  /// Lays out the rows of the next step: for each open sentence its last word's embedding and the state that it was chosen in.
  /// - Returns: how many there are.
  private func begin() -> Int {
    let (sizes, b) = (decoder.sizes, buffers)
    var rows = 0
    for index in searches.indices {
      let before = searches[index].firstRow
      searches[index].firstRow = rows
      for last in searches[index].beam.open {
        let embedding = b.words + rows * sizes.embedding
        decoder.embedding.widen(Int(last.word ?? Vocabulary.beginning), into: embedding)
        if decoder.style.count > 0 {
          Networks.add(
            decoder.style.pointer + style * sizes.embedding, to: embedding, count: sizes.embedding)
        }
        let parent = (before + last.row) * sizes.hidden
        (b.hidden + rows * sizes.hidden).update(from: b.step.hidden + parent, count: sizes.hidden)
        (b.cell + rows * sizes.hidden).update(from: b.step.cell + parent, count: sizes.hidden)
        b.images[rows] = Int32(index)
        rows += 1
      }
    }
    return rows
  }

  private static func results(_ search: Search) -> [Result] {
    search.beam.ranked.map { sentence in
      Result(
        words: sentence.words, logProbabilities: sentence.logProbabilities,
        attention: zip(search.steps, sentence.rows).map { start, row in
          Array(search.attention[start + row * search.cells..<start + (row + 1) * search.cells])
        }, logProbability: sentence.logProbability, score: sentence.score)
    }
  }
}

/// Memory of a generator.
private struct Buffers {
  let values, keys, mean, words, logits, hidden, cell: UnsafeMutablePointer<Float>
  /// [rows], the image that each looks at; [images + 1], where each image's cells begin
  let images, firstCells: UnsafeMutablePointer<Int32>
  let step: StepBuffers

  /// - Parameter cells: of one image
  init(_ sizes: CaptionDecoder.Sizes, cells: Int, images count: Int, rows: Int, _ memory: Arena) {
    values = memory.floats(count * cells * sizes.projection)
    keys = memory.floats(count * cells * sizes.attention)
    images = memory.integers(rows)
    firstCells = memory.integers(count + 1)
    firstCells[0] = 0
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

  /// - Parameter positions: cells of the image that has the most
  func grid(_ sizes: CaptionDecoder.Sizes, positions: Int) -> AttentionGrid {
    AttentionGrid(
      positions: positions, first: UnsafePointer(firstCells), width: sizes.attention,
      depth: sizes.projection, keys: UnsafePointer(keys), values: UnsafePointer(values))
  }
}
