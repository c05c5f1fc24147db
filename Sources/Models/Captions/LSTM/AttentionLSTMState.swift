import Networks
import Tensors

/// The recurrent core's state while captions are made.
final class AttentionLSTMState<Matrix: WeightMatrix>: CoreState {
  private let core: AttentionLSTM<Matrix>
  private let keys, mean, cellBefore, output: UnsafeMutablePointer<Float>
  private let step: StepBuffers
  /// The number of the grid that a first look is at: 0.
  private let firstImage: UnsafeMutablePointer<Int32>

  /// - Parameters:
  ///   - cells: of all images, at most
  ///   - rows: captions at once, at most
  init(
    _ core: AttentionLSTM<Matrix>, cells: Int, rows: Int, attention: UnsafeMutablePointer<Float>,
    _ memory: Arena
  ) {
    self.core = core
    let sizes = core.sizes
    keys = memory.floats(cells * sizes.attention)
    mean = memory.floats(sizes.projection)
    cellBefore = memory.floats(rows * sizes.hidden)
    output = memory.floats(rows * sizes.hidden)
    firstImage = memory.integers(1)
    firstImage[0] = 0
    step = StepBuffers(
      cellBefore: UnsafePointer(cellBefore), joined: memory.floats(rows * (sizes.hidden + sizes.projection)),
      gates: memory.floats(rows * 4 * sizes.hidden), cell: memory.floats(rows * sizes.hidden),
      hidden: memory.floats(rows * sizes.hidden),
      look: LookBuffers(rows: rows, weights: attention, sizes, memory))
  }

  func reserve(steps: Int) {}
  func removeAll() {}
  var byteCount: Int { 0 }

  func add(_ values: UnsafePointer<Float>, first: Int, count: Int, positions: Int, image: Int) {
    let sizes = core.sizes
    for frame in stride(from: 0, to: count, by: positions) {
      core.attention.key.forward(
        values + (first + frame) * sizes.projection, rows: positions,
        into: keys + (first + frame) * sizes.attention)
    }
    exponentiateTwice(keys + first * sizes.attention, count: count * sizes.attention)
    mean.update(repeating: 0, count: sizes.projection)
    let (values, state) = (values + first * sizes.projection, step.hidden + image * sizes.hidden)
    core.firstState(
      values: values, cells: [count], mean: mean, hidden: state, cell: step.cell + image * sizes.hidden)
    var look = step.look
    look.seen += image * sizes.projection
    let grid = AttentionGrid(
      positions: count, width: sizes.attention, depth: sizes.projection,
      keys: UnsafePointer(keys + first * sizes.attention), values: values)
    core.look(by: state, rows: 1, grid: grid, images: firstImage, look)
  }

  func advance(_ rows: StepRows, values: UnsafePointer<Float>) -> UnsafePointer<Float> {
    let (hidden, depth) = (core.sizes.hidden, core.sizes.projection)
    for row in 0..<rows.count {
      let (parent, joined) = (Int(rows.parents[row]), step.joined + row * (hidden + depth))
      joined.update(from: step.hidden + parent * hidden, count: hidden)
      (joined + hidden).update(from: step.look.seen + parent * depth, count: depth)
      (cellBefore + row * hidden).update(from: step.cell + parent * hidden, count: hidden)
    }
    core.lstm.input.forward(rows.words, rows: rows.count, into: step.gates)
    let grid = AttentionGrid(
      positions: rows.width, first: rows.firstCells, width: core.sizes.attention, depth: depth,
      keys: UnsafePointer(keys), values: values)
    core.step(step, rows: rows.count, grid: grid, images: rows.images)
    core.output(of: step.hidden, seen: step.look.seen, rows: rows.count, into: output)
    return UnsafePointer(output)
  }
}
