import Language
import Networks
import Tensors

/// The rows of a step, one for each caption that goes on.
struct StepRows {
  /// [rows, embedding], what each caption's last word goes in as
  let words: Rows
  /// [rows], the row of the step before that each goes on from; before the first step, its image
  let parents: UnsafePointer<Int32>
  /// [rows], the image that each is of
  let images: UnsafePointer<Int32>
  /// [images + 1], where each image's cells begin
  let firstCells: UnsafePointer<Int32>
  /// Cells of the image that has the most
  let width: Int
}

/// What a core keeps of the images and of the words so far.
protocol CoreState {
  /// Makes room for so many steps.
  func reserve(steps: Int)
  /// Bytes that it holds beside the session's memory.
  var byteCount: Int { get }
  /// Prepares an image, whose captions begin as row `image` of a step before the first: before any word.
  /// - Parameters:
  ///   - values: [cells, projection], of all images so far
  ///   - cells: the image's
  ///   - positions: cells of a frame
  func add(_ values: Rows, cells: Range<Int>, positions: Int, image: Int)
  /// Reads one more word of each caption.
  /// - Parameter values: [cells, projection], of all images
  /// - Returns: what the next words' logits are of, [rows, hidden].
  func advance(_ rows: StepRows, values: Rows) -> Rows
  /// Forgets all images and words.
  func removeAll()
}

/// Captions in the making for several images side by side, whose words are read off the same pass over the weights: what beam
/// search and sampling have in common. All memory is in place. One for each worker.
final class DecodingSession<Matrix: WeightMatrix> {
  private let decoder: DecoderNetwork<Matrix>
  private let positions: Int
  private let values, words, allLogits, allAttention: MutableRows
  private let parents, rowImages, firstCells: UnsafeMutablePointer<Int32>
  private let state: any CoreState
  /// Cells of the image that has the most.
  private(set) var width = 0
  /// Images that were added.
  private(set) var images = 0
  private var rows = 0
  /// Rows of the last step.
  private var lastRows = 0

  /// - Parameters:
  ///   - positions: cells of a frame
  ///   - cells: of all images, at most
  ///   - widest: cells of one image, at most
  ///   - images: at most
  ///   - rows: captions at once, at most; not fewer than images
  ///   - memory: whose buffers stay valid as long as the session is used
  init(
    _ decoder: DecoderNetwork<Matrix>, positions: Int, cells: Int, widest: Int, images: Int, rows: Int,
    memory: Arena
  ) {
    precondition(rows >= images)
    let sizes = decoder.sizes
    (self.decoder, self.positions) = (decoder, positions)
    values = memory.rows(cells, sizes.projection)
    words = memory.rows(rows, sizes.embedding)
    allLogits = memory.rows(rows, sizes.words)
    allAttention = memory.rows(rows, widest)
    parents = memory.integers(rows)
    rowImages = memory.integers(rows)
    firstCells = memory.integers(images + 1)
    firstCells[0] = 0
    switch decoder.core {
    case .recurrent(let core):
      state = RecurrentState(core, cells: cells, attention: allAttention, memory)
    case .transformer(let core):
      state = TransformerState(core, cells: cells, attention: allAttention, memory)
    }
  }

  /// Makes room for captions of so many words, the end included.
  func reserve(steps: Int) { state.reserve(steps: steps) }

  /// Bytes that it holds beside the memory that it was given.
  var byteCount: Int { state.byteCount }

  /// [rows, words], of the last step
  var logits: MutableRows { allLogits[0..<lastRows] }

  /// [rows, width], of the last step: how much each caption attended to each cell
  var attention: Rows { Rows(allAttention.reshaped(rows: lastRows, columns: width)) }

  /// Adds an image or clip. Its captions begin in the row that has its number.
  /// - Parameter features: [frames * positions, channels], frames in order of time; used at once
  func add(_ features: Rows) {
    precondition(features.rows % positions == 0)
    let first = Int(firstCells[images])
    let cells = first..<first + features.rows
    // A frame at a time, whose rows stay in the cache.
    for frame in stride(from: 0, to: features.rows, by: positions) {
      decoder.projection.forward(
        features[frame..<frame + positions], into: values[first + frame..<first + frame + positions])
    }
    decoder.addPositionEmbedding(
      to: values[cells], frames: [features.rows / positions], positions: positions)
    relu(values[cells])
    state.add(Rows(values[0..<cells.upperBound]), cells: cells, positions: positions, image: images)
    images += 1
    firstCells[images] = Int32(cells.upperBound)
    width = max(width, cells.count)
  }

  /// Adds a row to the next step.
  /// - Parameters:
  ///   - word: the caption's last; nil before the first
  ///   - parent: the row of the step before that it was chosen from; before the first, the image
  func append(_ word: Int32?, parent: Int, image: Int, style: Int) {
    let row = words[rows]
    decoder.embedding.copyRow(Int(word ?? Vocabulary.beginning), into: row)
    if decoder.style.count > 0 {
      Networks.add(decoder.style.rows[style], to: row, count: words.columns)
    }
    (parents[rows], rowImages[rows]) = (Int32(parent), Int32(image))
    rows += 1
  }

  /// Computes the logits and the attention of all rows added.
  /// - Returns: how many there were.
  func step() -> Int {
    (lastRows, rows) = (rows, 0)
    guard lastRows > 0 else { return 0 }
    let output = state.advance(
      StepRows(
        words: Rows(words[0..<lastRows]), parents: UnsafePointer(parents), images: UnsafePointer(rowImages),
        firstCells: UnsafePointer(firstCells), width: width),
      values: Rows(values[0..<Int(firstCells[images])]))
    decoder.output.forward(output, into: logits)
    return lastRows
  }

  /// Forgets all images and captions.
  func removeAll() {
    (images, rows, lastRows, width) = (0, 0, 0, 0)
    state.removeAll()
  }
}
