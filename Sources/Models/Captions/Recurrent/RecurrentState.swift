import Networks
import Tensors

/// The recurrent core's state while captions are made.
final class RecurrentState<Matrix: WeightMatrix>: CoreState {
  private let core: RecurrentCore<Matrix>
  private let keys, mean, cellBefore, output: MutableRows
  /// Of as many rows as there may be.
  private let buffers: StepBuffers
  /// The number of the grid that is attended to before the first word: 0.
  private let firstImage: UnsafeMutablePointer<Int32>

  /// - Parameters:
  ///   - cells: of all images, at most
  ///   - attention: [rows, cells of one image, at most], of captions at once, at most
  init(_ core: RecurrentCore<Matrix>, cells: Int, attention: MutableRows, _ memory: Arena) {
    self.core = core
    let (sizes, rows) = (core.sizes, attention.rows)
    keys = memory.rows(cells, sizes.attention)
    mean = memory.rows(1, sizes.projection)
    cellBefore = memory.rows(rows, sizes.hidden)
    output = memory.rows(rows, sizes.hidden)
    firstImage = memory.integers(1)
    firstImage[0] = 0
    buffers = StepBuffers(
      cellBefore: Rows(cellBefore), joined: memory.rows(rows, sizes.hidden + sizes.projection),
      split: SplitBuffers(rows: rows, sizes, memory),
      gates: memory.rows(rows, sizes.cellKind.gates * sizes.hidden), cell: memory.rows(rows, sizes.hidden),
      hidden: memory.rows(rows, sizes.hidden),
      attention: ContextBuffers(weights: attention, sizes, memory))
  }

  func reserve(steps: Int) {}
  func removeAll() {}
  var byteCount: Int { 0 }

  func add(_ values: Rows, cells: Range<Int>, positions: Int, image: Int) {
    if let attention = core.attention {
      for frame in stride(from: cells.lowerBound, to: cells.upperBound, by: positions) {
        let frame = frame..<frame + positions
        attention.key.forward(values[frame], into: keys[frame])
      }
      exponentiateTwice(keys[cells])
    }
    let row = image..<image + 1
    core.firstState(
      values: values[cells], cells: [cells.count], mean: mean, hidden: buffers.hidden[row],
      cell: buffers.cell[row])
    // The context vector of the image's own row; the rest is overwritten by the next image.
    let first = buffers.attention.prefix(1, positions: cells.count)
    let attention = ContextBuffers(
      query: first.query, gate: first.gate, weights: first.weights, context: first.context,
      contextVector: buffers.attention.contextVector[row])
    let grid = AttentionGrid(positions: cells.count, keys: Rows(keys[cells]), values: values[cells])
    core.attend(by: Rows(buffers.hidden[row]), grid: grid, images: firstImage, attention)
  }

  func advance(_ step: StepRows, values: Rows) -> Rows {
    let (hidden, depth, count) = (core.sizes.hidden, core.sizes.projection, step.words.rows)
    let rows = 0..<count
    for row in rows {
      let (parent, joined) = (Int(step.parents[row]), buffers.joined[row])
      joined.update(from: buffers.hidden[parent], count: hidden)
      (joined + hidden).update(from: buffers.attention.contextVector[parent], count: depth)
      cellBefore[row].update(from: buffers.cell[parent], count: hidden)
    }
    let now = StepBuffers(
      cellBefore: buffers.cellBefore[rows], joined: buffers.joined[rows], split: buffers.split?[rows],
      gates: buffers.gates[rows],
      cell: buffers.cell[rows], hidden: buffers.hidden[rows],
      attention: buffers.attention.prefix(count, positions: step.width))
    core.cell.input.forward(step.words, into: now.gates)
    let grid = AttentionGrid(
      positions: step.width, first: step.firstCells, keys: Rows(keys[0..<values.rows]), values: values)
    core.step(now, grid: grid, images: step.images)
    core.output(
      of: Rows(now.hidden), contextVector: Rows(now.attention.contextVector), into: output[rows])
    return Rows(output[rows])
  }
}
