import Compute
import Networks
import Tensors

/// The recurrent core's part of a pass over given captions.
struct AttentionLSTMPass: CorePass {
  private let core: AttentionLSTM
  private let inputs: ForcedInputs
  /// [cells, attention], e^(2 key)
  private let keys: UnsafeMutablePointer<Float>
  /// [images, projection]
  private let mean: UnsafeMutablePointer<Float>
  /// [captions, hidden], the states before the first word
  private let firstHidden: UnsafeMutablePointer<Float>
  private let firstCell: UnsafeMutablePointer<Float>
  /// [rows, hidden]
  private let hiddenBefore: UnsafeMutablePointer<Float>
  /// All steps' buffers, one after the other; see `StepBuffers`.
  private let all: StepBuffers
  /// [captions, width], attention summed over a caption's words
  private let coverage: UnsafeMutablePointer<Float>

  private var sizes: CaptionDecoder.Sizes { core.sizes }
  private var batch: CaptionBatch { inputs.batch }
  private var arena: Arena { inputs.arena }
  private var width: Int { inputs.width }

  init(_ core: AttentionLSTM, _ inputs: ForcedInputs) {
    (self.core, self.inputs) = (core, inputs)
    let (sizes, batch, arena, rows) = (core.sizes, inputs.batch, inputs.arena, inputs.batch.rows)
    keys = arena.floats(inputs.cells * sizes.attention)
    mean = arena.zeros(batch.images * sizes.projection)
    firstHidden = arena.floats(batch.captions * sizes.hidden)
    firstCell = arena.floats(batch.captions * sizes.hidden)
    hiddenBefore = arena.floats(rows * sizes.hidden)
    all = StepBuffers(
      hiddenBefore: UnsafePointer(hiddenBefore), cellBefore: UnsafePointer(firstCell),
      query: arena.floats(rows * sizes.attention), gate: arena.floats(rows),
      weights: arena.floats(rows * inputs.width), context: arena.floats(rows * sizes.projection),
      joined: arena.floats(rows * (sizes.hidden + sizes.projection)),
      gates: arena.floats(rows * 4 * sizes.hidden),
      cell: arena.floats(rows * sizes.hidden), hidden: arena.floats(rows * sizes.hidden))
    coverage = arena.zeros(batch.captions * inputs.width)
  }

  var hidden: UnsafeMutablePointer<Float> { all.hidden }

  private var grid: AttentionGrid {
    AttentionGrid(
      positions: width, first: inputs.firstCells, width: sizes.attention, depth: sizes.projection,
      keys: UnsafePointer(keys), values: UnsafePointer(inputs.values))
  }

  /// The buffers of one step.
  private func buffers(_ step: Int) -> StepBuffers {
    let (row, hidden) = (batch.offsets[step], sizes.hidden)
    let cellBefore = step == 0 ? firstCell : all.cell + batch.offsets[step - 1] * hidden
    return StepBuffers(
      hiddenBefore: all.hiddenBefore + row * hidden, cellBefore: UnsafePointer(cellBefore),
      query: all.query + row * sizes.attention, gate: all.gate + row, weights: all.weights + row * width,
      context: all.context + row * sizes.projection, joined: all.joined + row * (hidden + sizes.projection),
      gates: all.gates + row * 4 * hidden, cell: all.cell + row * hidden, hidden: all.hidden + row * hidden)
  }

  func forward() {
    let hidden = sizes.hidden
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
      for step in batch.active.indices {
        let before = step == 0 ? firstHidden : all.hidden + batch.offsets[step - 1] * hidden
        let count = batch.active[step]
        (hiddenBefore + batch.offsets[step] * hidden).update(from: before, count: count * hidden)
        let buffers = buffers(step)
        core.step(buffers, rows: count, grid: grid, images: images)
        add(buffers.weights, to: coverage, count: count * width)
      }
    }
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
    _ totals: TeacherForcing.Totals, hidden hiddenGradient: UnsafeMutablePointer<Float>,
    words wordGradient: UnsafeMutablePointer<Float>, values valueGradient: UnsafeMutablePointer<Float>,
    gradient decoder: inout CaptionDecoder
  ) {
    let (hidden, joined, rows) = (sizes.hidden, sizes.hidden + sizes.projection, batch.rows)
    let gridGradient = AttentionGrid.Gradient(
      keys: arena.zeros(inputs.cells * sizes.attention), values: valueGradient)
    let state = throughTime(
      totals, hiddenGradient: hiddenGradient, grid: gridGradient, gradient: &decoder.recurrence!)
    multiply(
      all.gates, all.joined, into: decoder.recurrence!.lstm.recurrent.mutablePointer, rows: 4 * hidden,
      columns: joined, inner: rows, transposeA: true, adding: true)
    multiply(
      state.query, hiddenBefore, into: decoder.recurrence!.attention.query.mutablePointer,
      rows: sizes.attention, columns: hidden, inner: rows, transposeA: true, adding: true)
    core.gate.backward(
      hiddenBefore, state.gate, rows: rows, into: nil, gradient: &decoder.recurrence!.gate)
    core.lstm.input.backward(
      inputs.words, all.gates, rows: rows, into: wordGradient, gradient: &decoder.recurrence!.lstm.input)
    gridBackward(gridGradient, hidden: state.hidden, cell: state.cell, gradient: &decoder.recurrence!)
  }

  /// Gradients that leave the recurrence.
  private struct StateGradient {
    /// [captions, hidden], of the states before the first word
    let hidden: UnsafeMutablePointer<Float>
    let cell: UnsafeMutablePointer<Float>
    /// [rows, attention]
    let query: UnsafeMutablePointer<Float>
    /// [rows], of the gates' pre-activations
    let gate: UnsafeMutablePointer<Float>
  }

  /// Back through the steps, last first. The gates' activations become the gradients of their pre-activations.
  private func throughTime(
    _ totals: TeacherForcing.Totals, hiddenGradient: UnsafeMutablePointer<Float>,
    grid gridGradient: AttentionGrid.Gradient, gradient: inout AttentionLSTM
  ) -> StateGradient {
    let (hidden, joined, captions) = (sizes.hidden, sizes.hidden + sizes.projection, batch.captions)
    let state = StateGradient(
      hidden: arena.zeros(captions * hidden), cell: arena.zeros(captions * hidden),
      query: arena.floats(batch.rows * sizes.attention), gate: arena.floats(batch.rows))
    let joinedGradient = arena.floats(captions * joined)
    let contextGradient = arena.floats(captions * sizes.projection)
    let weightsGradient = arena.floats(captions * width)
    let penalty = 2 * inputs.regularization.attentionPenalty / Float(totals.captions)
    let scoreGradient = gradient.attention.score.mutablePointer
    batch.image.withUnsafeBufferPointer { images in
      guard let images = images.baseAddress else { return }
      for step in batch.active.indices.reversed() {
        let (count, row, buffers) = (batch.active[step], batch.offsets[step], buffers(step))
        let gates = buffers.gates
        add(state.hidden, to: hiddenGradient + row * hidden, count: count * hidden)
        LSTMCell.backward(
          gates: gates, cellBefore: buffers.cellBefore, cell: buffers.cell,
          hiddenGradient: hiddenGradient + row * hidden, cellGradient: state.cell, rows: count, width: hidden)
        multiply(
          gates, core.lstm.recurrent.pointer, into: joinedGradient, rows: count, columns: joined,
          inner: 4 * hidden)
        for i in 0..<count {
          (state.hidden + i * hidden).update(from: joinedGradient + i * joined, count: hidden)
          (contextGradient + i * sizes.projection).update(
            from: joinedGradient + i * joined + hidden, count: sizes.projection)
        }
        ScalarGate.backward(
          buffers.gate, context: buffers.context, gradient: contextGradient, gateGradient: state.gate + row,
          rows: count, columns: sizes.projection)
        for i in 0..<count {
          let scale = penalty / Float(inputs.cellCounts[Int(images[i])])
          for l in i * width..<(i + 1) * width { weightsGradient[l] = scale * (coverage[l] - 1) }
        }
        grid.backward(
          buffers.query, score: core.attention.score, images: images, rows: count,
          weights: buffers.weights,
          contextGradient: contextGradient, weightsGradient: weightsGradient, gradient: gridGradient,
          queryGradient: state.query + row * sizes.attention, scoreGradient: scoreGradient)
        multiply(
          state.query + row * sizes.attention, core.attention.query.pointer, into: state.hidden,
          rows: count,
          columns: hidden, inner: sizes.attention, adding: true)
        multiply(
          state.gate + row, core.gate.weight.pointer, into: state.hidden, rows: count, columns: hidden,
          inner: 1,
          adding: true)
      }
    }
    return state
  }

  /// Through the first state and the keys to the values.
  private func gridBackward(
    _ gridGradient: AttentionGrid.Gradient, hidden: UnsafePointer<Float>, cell: UnsafePointer<Float>,
    gradient: inout AttentionLSTM
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
