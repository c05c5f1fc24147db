import Compute
import Networks
import Tensors

/// The recurrent core's part of a pass over given captions.
struct AttentionLSTMPass: CorePass {
  private let core: AttentionLSTM<Tensor>
  private let inputs: ForcedInputs
  /// [cells, attention], e^(2 key)
  private let keys: UnsafeMutablePointer<Float>
  /// [images, projection]
  private let mean: UnsafeMutablePointer<Float>
  /// [captions, hidden], the states before the first word
  private let firstHidden: UnsafeMutablePointer<Float>
  private let firstCell: UnsafeMutablePointer<Float>
  /// The looks by these.
  private let firstLook: LookBuffers
  /// All steps' buffers, one after the other; see `StepBuffers`.
  private let all: StepBuffers
  /// [rows, hidden]
  let output: UnsafeMutablePointer<Float>
  /// [captions, width], attention summed over a caption's words
  private let coverage: UnsafeMutablePointer<Float>

  private var sizes: DecoderSizes { core.sizes }
  private var batch: CaptionBatch { inputs.batch }
  private var arena: Arena { inputs.arena }
  private var width: Int { inputs.width }

  init(_ core: AttentionLSTM<Tensor>, _ inputs: ForcedInputs) {
    (self.core, self.inputs) = (core, inputs)
    let (sizes, batch, arena, rows) = (core.sizes, inputs.batch, inputs.arena, inputs.batch.rows)
    keys = arena.floats(inputs.cells * sizes.attention)
    mean = arena.zeros(batch.images * sizes.projection)
    firstHidden = arena.floats(batch.captions * sizes.hidden)
    firstCell = arena.floats(batch.captions * sizes.hidden)
    firstLook = LookBuffers(
      rows: batch.captions, weights: arena.floats(batch.captions * inputs.width), sizes, arena)
    all = StepBuffers(
      cellBefore: UnsafePointer(firstCell), joined: arena.floats(rows * (sizes.hidden + sizes.projection)),
      gates: arena.floats(rows * 4 * sizes.hidden), cell: arena.floats(rows * sizes.hidden),
      hidden: arena.floats(rows * sizes.hidden),
      look: LookBuffers(rows: rows, weights: arena.floats(rows * inputs.width), sizes, arena))
    output = arena.floats(rows * sizes.hidden)
    coverage = arena.zeros(batch.captions * inputs.width)
  }

  private var grid: AttentionGrid {
    AttentionGrid(
      positions: width, first: inputs.firstCells, width: sizes.attention, depth: sizes.projection,
      keys: UnsafePointer(keys), values: UnsafePointer(inputs.values))
  }

  /// The buffers of one step.
  private func buffers(_ step: Int) -> StepBuffers {
    let (row, hidden, depth) = (batch.offsets[step], sizes.hidden, sizes.projection)
    var buffers = all
    buffers.cellBefore = UnsafePointer(step == 0 ? firstCell : all.cell + batch.offsets[step - 1] * hidden)
    buffers.joined += row * (hidden + depth)
    buffers.gates += row * 4 * hidden
    buffers.cell += row * hidden
    buffers.hidden += row * hidden
    buffers.look.query += row * sizes.attention
    buffers.look.gate += row
    buffers.look.weights += row * width
    buffers.look.context += row * depth
    buffers.look.seen += row * depth
    return buffers
  }

  func forward() {
    let (hidden, depth) = (sizes.hidden, sizes.projection)
    core.attention.key.forward(inputs.values, rows: inputs.cells, into: keys)
    exponentiateTwice(keys, count: inputs.cells * sizes.attention)
    let imageHidden = arena.floats(batch.images * hidden)
    let imageCell = arena.floats(batch.images * hidden)
    core.firstState(
      values: inputs.values, cells: inputs.cellCounts, mean: mean, hidden: imageHidden, cell: imageCell)
    for (caption, image) in batch.image.enumerated() {
      (firstHidden + caption * hidden).update(from: imageHidden + Int(image) * hidden, count: hidden)
      (firstCell + caption * hidden).update(from: imageCell + Int(image) * hidden, count: hidden)
    }
    core.lstm.input.forward(inputs.words, rows: batch.rows, into: all.gates)
    batch.image.withUnsafeBufferPointer { images in
      guard let images = images.baseAddress else { return }
      core.look(by: firstHidden, rows: batch.captions, grid: grid, images: images, firstLook)
      var (state, seen) = (firstHidden, firstLook.seen)
      for step in batch.active.indices {
        let (count, buffers) = (batch.active[step], buffers(step))
        for i in 0..<count {
          let joined = buffers.joined + i * (hidden + depth)
          joined.update(from: state + i * hidden, count: hidden)
          (joined + hidden).update(from: seen + i * depth, count: depth)
        }
        core.step(buffers, rows: count, grid: grid, images: images)
        add(buffers.look.weights, to: coverage, count: count * width)
        (state, seen) = (buffers.hidden, buffers.look.seen)
      }
    }
    core.output(of: all.hidden, seen: all.look.seen, rows: batch.rows, into: output)
  }

  var attentionPenalty: Double {
    var penalty = 0.0
    for (caption, image) in batch.image.enumerated() {
      let count = inputs.cellCounts[Int(image)]
      var sum: Float = 0
      for i in 0..<count {
        let missing = 1 - coverage[caption * width + i]
        sum += missing * missing
      }
      penalty += Double(sum) / Double(count)
    }
    return penalty
  }

  func backward(
    _ totals: TeacherForcing.Totals, output: UnsafeMutablePointer<Float>, words: UnsafeMutablePointer<Float>,
    values: UnsafeMutablePointer<Float>, gradient: inout DecoderCore<Tensor>
  ) {
    gradient.updateLSTM { gradient in
      let (hidden, joined, rows) = (sizes.hidden, sizes.hidden + sizes.projection, batch.rows)
      let gridGradient = AttentionGrid.Gradient(
        keys: arena.zeros(inputs.cells * sizes.attention), values: values)
      let state = throughTime(totals, outputGradient: output, grid: gridGradient, gradient: &gradient)
      multiply(
        all.gates, all.joined, into: gradient.lstm.recurrent.mutablePointer, rows: 4 * hidden,
        columns: joined, inner: rows, transposeA: true, adding: true)
      core.lstm.input.backward(
        inputs.words, all.gates, rows: rows, into: words, gradient: &gradient.lstm.input)
      gridBackward(gridGradient, hidden: state.hidden, cell: state.cell, gradient: &gradient)
    }
  }

  /// Back through the steps, last first. The gates' activations become the gradients of their pre-activations.
  /// - Parameter outputGradient: [rows, hidden]; becomes that of the hidden states
  /// - Returns: [captions, hidden] each, those of the states before the first word.
  private func throughTime(
    _ totals: TeacherForcing.Totals, outputGradient: UnsafeMutablePointer<Float>,
    grid gridGradient: AttentionGrid.Gradient, gradient: inout AttentionLSTM<Tensor>
  ) -> (hidden: UnsafeMutablePointer<Float>, cell: UnsafeMutablePointer<Float>) {
    let (hidden, depth, captions) = (sizes.hidden, sizes.projection, batch.captions)
    let (stateGradient, cellGradient) = (arena.zeros(captions * hidden), arena.zeros(captions * hidden))
    // What is seen is read out at once, and goes into the next step.
    let (readGradient, nextGradient) = (arena.floats(batch.rows * depth), arena.zeros(captions * depth))
    core.readout.backward(
      all.look.seen, outputGradient, rows: batch.rows, into: readGradient, gradient: &gradient.readout)
    let joinedGradient = arena.floats(captions * (hidden + depth))
    let weightsGradient = arena.floats(captions * width)
    let penalty = 2 * inputs.regularization.attentionPenalty / Float(totals.captions)
    let looks = LookGradient(rows: batch.rows, sizes, arena)
    let firstLooks = LookGradient(rows: captions, sizes, arena)
    batch.image.withUnsafeBufferPointer { images in
      guard let images = images.baseAddress else { return }
      for step in batch.active.indices.reversed() {
        let (count, row, buffers) = (batch.active[step], batch.offsets[step], buffers(step))
        let seenGradient = readGradient + row * depth
        add(nextGradient, to: seenGradient, count: count * depth)
        for i in 0..<count {
          let scale = penalty / Float(inputs.cellCounts[Int(images[i])])
          for l in i * width..<(i + 1) * width { weightsGradient[l] = scale * (coverage[l] - 1) }
        }
        lookBackward(
          buffers.look, looks.advanced(by: row, sizes), seen: seenGradient, weights: weightsGradient,
          rows: count,
          images: images, state: stateGradient, grid: gridGradient, gradient: &gradient)
        add(stateGradient, to: outputGradient + row * hidden, count: count * hidden)
        LSTMGates.backward(
          gates: buffers.gates, cellBefore: buffers.cellBefore, cell: buffers.cell,
          hiddenGradient: outputGradient + row * hidden, cellGradient: cellGradient, rows: count,
          width: hidden)
        multiply(
          buffers.gates, core.lstm.recurrent.pointer, into: joinedGradient, rows: count,
          columns: hidden + depth, inner: 4 * hidden)
        for i in 0..<count {
          let joined = joinedGradient + i * (hidden + depth)
          (stateGradient + i * hidden).update(from: joined, count: hidden)
          (nextGradient + i * depth).update(from: joined + hidden, count: depth)
        }
      }
      weightsGradient.update(repeating: 0, count: captions * width)
      lookBackward(
        firstLook, firstLooks, seen: nextGradient, weights: weightsGradient, rows: captions, images: images,
        state: stateGradient, grid: gridGradient, gradient: &gradient)
    }
    for (state, looks, rows) in [(all.hidden, looks, batch.rows), (firstHidden, firstLooks, captions)] {
      multiply(
        looks.query, state, into: gradient.attention.query.mutablePointer, rows: sizes.attention,
        columns: hidden, inner: rows, transposeA: true, adding: true)
      core.gate.backward(state, looks.gate, rows: rows, into: nil, gradient: &gradient.gate)
    }
    return (stateGradient, cellGradient)
  }

  /// Gradients of what looks ask by.
  private struct LookGradient {
    /// [rows, attention]
    private(set) var query: UnsafeMutablePointer<Float>
    /// [rows], of the gates' pre-activations
    private(set) var gate: UnsafeMutablePointer<Float>

    init(rows: Int, _ sizes: DecoderSizes, _ arena: Arena) {
      (query, gate) = (arena.floats(rows * sizes.attention), arena.floats(rows))
    }

    func advanced(by rows: Int, _ sizes: DecoderSizes) -> LookGradient {
      var result = self
      result.query += rows * sizes.attention
      result.gate += rows
      return result
    }
  }

  /// Back through a look.
  /// - Parameters:
  ///   - slope: [rows], overwritten
  ///   - seen: [rows, projection], the gradient of what is seen; becomes that of the context
  ///   - weights: [rows, width], that of the weights, what does not come through the context; overwritten
  ///   - state: [rows, hidden], that of the state looked by; added to
  private func lookBackward(
    _ look: LookBuffers, _ slope: LookGradient, seen: UnsafeMutablePointer<Float>,
    weights: UnsafeMutablePointer<Float>, rows: Int, images: UnsafePointer<Int32>,
    state: UnsafeMutablePointer<Float>, grid gridGradient: AttentionGrid.Gradient,
    gradient: inout AttentionLSTM<Tensor>
  ) {
    ScalarGate.backward(
      look.gate, context: look.context, gradient: seen, gateGradient: slope.gate, rows: rows,
      columns: sizes.projection)
    grid.backward(
      look.query, score: core.attention.score, images: images, rows: rows, weights: look.weights,
      contextGradient: seen, weightsGradient: weights, gradient: gridGradient, queryGradient: slope.query,
      scoreGradient: gradient.attention.score.mutablePointer)
    multiply(
      slope.query, core.attention.query.pointer, into: state, rows: rows, columns: sizes.hidden,
      inner: sizes.attention, adding: true)
    multiply(
      slope.gate, core.gate.weight.pointer, into: state, rows: rows, columns: sizes.hidden, inner: 1,
      adding: true)
  }

  /// Through the first state and the keys to the values.
  private func gridBackward(
    _ gridGradient: AttentionGrid.Gradient, hidden: UnsafePointer<Float>, cell: UnsafePointer<Float>,
    gradient: inout AttentionLSTM<Tensor>
  ) {
    let (images, hiddenWidth, depth) = (batch.images, sizes.hidden, sizes.projection)
    let imageHidden = arena.zeros(images * hiddenWidth)
    let imageCell = arena.zeros(images * hiddenWidth)
    for (caption, image) in batch.image.enumerated() {
      add(hidden + caption * hiddenWidth, to: imageHidden + Int(image) * hiddenWidth, count: hiddenWidth)
      add(cell + caption * hiddenWidth, to: imageCell + Int(image) * hiddenWidth, count: hiddenWidth)
    }
    let meanGradient = arena.floats(images * depth)
    core.initialHidden.backward(
      mean, imageHidden, rows: images, into: meanGradient, gradient: &gradient.initialHidden)
    core.initialCell.backward(
      mean, imageCell, rows: images, into: meanGradient, adding: true, gradient: &gradient.initialCell)
    var value = gridGradient.values
    for (image, count) in inputs.cellCounts.enumerated() {
      let slope = meanGradient + image * depth
      for i in 0..<depth { slope[i] /= Float(count) }
      for _ in 0..<count {
        add(slope, to: value, count: depth)
        value += depth
      }
    }
    core.attention.key.backward(
      inputs.values, gridGradient.keys, rows: inputs.cells, into: gridGradient.values, adding: true,
      gradient: &gradient.attention.key)
  }
}
