import Compute
import Networks
import Tensors

/// The recurrent core's part of a pass over given captions.
struct RecurrentPass: CorePass {
  private let core: RecurrentCore<Tensor>
  private let inputs: ForcedInputs
  /// [cells, attention], e^(2 key)
  private let keys: MutableRows
  /// [images, projection]
  private let mean: MutableRows
  /// [captions, hidden], the states before the first word
  private let firstHidden: MutableRows
  private let firstCell: MutableRows
  /// Attention by these.
  private let firstAttention: ContextBuffers
  /// [rows, …], all steps' buffers, one after the other; see `StepBuffers`.
  private let joined, gates, cell, hidden: MutableRows
  private let split: SplitBuffers?
  private let attention: ContextBuffers
  /// [rows, hidden]
  let output: MutableRows
  /// [captions, width], attention summed over a caption's words
  private let coverage: MutableRows

  private var sizes: DecoderSizes { core.sizes }
  private var batch: CaptionBatch { inputs.batch }
  private var arena: Arena { inputs.arena }
  private var width: Int { inputs.width }

  init(_ core: RecurrentCore<Tensor>, _ inputs: ForcedInputs) {
    (self.core, self.inputs) = (core, inputs)
    let (sizes, batch, arena, rows) = (core.sizes, inputs.batch, inputs.arena, inputs.batch.rows)
    keys = arena.rows(inputs.cells, sizes.attention)
    mean = arena.rows(batch.images, sizes.projection)
    firstHidden = arena.rows(batch.captions, sizes.hidden)
    firstCell = arena.rows(batch.captions, sizes.hidden)
    firstAttention = ContextBuffers(weights: arena.rows(batch.captions, inputs.width), sizes, arena)
    joined = arena.rows(rows, sizes.hidden + sizes.projection)
    split = SplitBuffers(rows: rows, sizes, arena)
    gates = arena.rows(rows, sizes.cellKind.gates * sizes.hidden)
    cell = arena.rows(rows, sizes.hidden)
    hidden = arena.rows(rows, sizes.hidden)
    attention = ContextBuffers(weights: arena.rows(rows, inputs.width), sizes, arena)
    output = arena.rows(rows, sizes.hidden)
    coverage = arena.zeros(batch.captions, inputs.width)
  }

  private var grid: AttentionGrid {
    AttentionGrid(
      positions: width, first: inputs.firstCells, keys: Rows(keys), values: Rows(inputs.values))
  }

  /// The buffers of one step.
  private func buffers(_ step: Int) -> StepBuffers {
    let rows = batch.step(step)
    let before =
      step == 0 ? firstCell[0..<rows.count] : cell[batch.step(step - 1).prefix(rows.count)]
    return StepBuffers(
      cellBefore: Rows(before), joined: joined[rows], split: split?[rows], gates: gates[rows],
      cell: cell[rows],
      hidden: hidden[rows], attention: attention[rows])
  }

  func forward() {
    if let attention = core.attention {
      attention.key.forward(Rows(inputs.values), into: keys)
      exponentiateTwice(keys)
    }
    let imageHidden = arena.rows(batch.images, sizes.hidden)
    let imageCell = arena.rows(batch.images, sizes.hidden)
    core.firstState(
      values: Rows(inputs.values), cells: inputs.cellCounts, mean: mean, hidden: imageHidden, cell: imageCell)
    for (caption, image) in batch.image.enumerated() {
      firstHidden[caption].update(from: imageHidden[Int(image)], count: sizes.hidden)
      firstCell[caption].update(from: imageCell[Int(image)], count: sizes.hidden)
    }
    core.cell.input.forward(Rows(inputs.words), into: gates)
    batch.image.withUnsafeBufferPointer { images in
      guard let images = images.baseAddress else { return }
      core.attend(by: Rows(firstHidden), grid: grid, images: images, firstAttention)
      var (state, contextVector) = (firstHidden, firstAttention.contextVector)
      for step in batch.active.indices {
        let (rows, buffers) = (0..<batch.active[step], buffers(step))
        buffers.joined.columns(0..<sizes.hidden).copy(from: Rows(state[rows]))
        buffers.joined.columns(sizes.hidden..<joined.columns).copy(from: Rows(contextVector[rows]))
        core.step(buffers, grid: grid, images: images)
        add(Rows(buffers.attention.weights), to: coverage[rows])
        (state, contextVector) = (buffers.hidden, buffers.attention.contextVector)
      }
    }
    core.output(of: Rows(hidden), contextVector: Rows(attention.contextVector), into: output)
  }

  var attentionPenalty: Double {
    var penalty = 0.0
    for (caption, image) in batch.image.enumerated() {
      let count = inputs.cellCounts[Int(image)]
      var sum: Float = 0
      for i in 0..<count {
        let missing = 1 - coverage[caption][i]
        sum += missing * missing
      }
      penalty += Double(sum) / Double(count)
    }
    return penalty
  }

  func backward(
    _ totals: TeacherForcing.Totals, output: MutableRows, words: MutableRows, values: MutableRows,
    gradient: inout DecoderCore<Tensor>
  ) {
    gradient.updateRecurrent { gradient in
      let grid = AttentionGrid.Gradient(keys: arena.zeros(inputs.cells, sizes.attention), values: values)
      let state = throughTime(totals, outputGradient: output, grid: grid, gradient: &gradient)
      if let split {
        multiply(
          Rows(split.products), Rows(split.state), into: gradient.cell.recurrent.mutableRows,
          transposeA: true, adding: true)
        multiply(
          // A gradient has what its network has.
          Rows(gates), Rows(split.contextVector), into: gradient.cell.context!.mutableRows,
          transposeA: true, adding: true)
      } else {
        multiply(
          Rows(gates), Rows(joined), into: gradient.cell.recurrent.mutableRows, transposeA: true,
          adding: true)
      }
      core.cell.input.backward(
        Rows(inputs.words), Rows(gates), into: words, gradient: &gradient.cell.input)
      gridBackward(grid, hidden: Rows(state.hidden), cell: Rows(state.cell), gradient: &gradient)
    }
  }

  /// Back through the steps, last first. The gates' activations become the gradients of their pre-activations.
  /// - Parameter outputGradient: [rows, hidden]; becomes that of the hidden states
  /// - Returns: [captions, hidden] each, those of the states before the first word.
  private func throughTime(
    _ totals: TeacherForcing.Totals, outputGradient: MutableRows, grid: AttentionGrid.Gradient,
    gradient: inout RecurrentCore<Tensor>
  ) -> (hidden: MutableRows, cell: MutableRows) {
    let (depth, captions) = (sizes.projection, batch.captions)
    let (stateGradient, cellGradient) = (
      arena.zeros(captions, sizes.hidden), arena.zeros(captions, sizes.hidden)
    )
    // The context vector is read out at once, and goes into the next step.
    let (readGradient, nextGradient) = (arena.rows(batch.rows, depth), arena.zeros(captions, depth))
    core.readout.backward(
      Rows(attention.contextVector), Rows(outputGradient), into: readGradient, gradient: &gradient.readout)
    let joinedGradient = arena.rows(captions, joined.columns)
    let weightsGradient = arena.rows(captions, width)
    let asked = QueryGradient(rows: batch.rows, sizes, arena)
    let firstAsked = QueryGradient(rows: captions, sizes, arena)
    batch.image.withUnsafeBufferPointer { images in
      guard let images = images.baseAddress else { return }
      for step in batch.active.indices.reversed() {
        let (rows, active, buffers) = (batch.step(step), 0..<batch.active[step], buffers(step))
        add(Rows(nextGradient[active]), to: readGradient[rows])
        penaltyGradient(totals, rows: active, into: weightsGradient)
        attentionBackward(
          buffers.attention, asked[rows], contextVector: readGradient[rows], weights: weightsGradient[active],
          images: images, state: stateGradient[active], grid: grid, gradient: &gradient)
        add(Rows(stateGradient[active]), to: outputGradient[rows])
        RecurrentGates.backward(
          core.cell.kind, gates: buffers.gates, products: buffers.split?.products ?? buffers.gates,
          before: buffers.before, cellBefore: buffers.cellBefore, cell: Rows(buffers.cell),
          hidden: Rows(buffers.hidden), hiddenGradient: outputGradient[rows],
          cellGradient: cellGradient[active])
        if let split = buffers.split, let context = core.cell.context {
          multiply(Rows(split.products), core.cell.recurrent.rows, into: stateGradient[active])
          add(Rows(outputGradient[rows]), to: stateGradient[active])
          multiply(Rows(buffers.gates), context.rows, into: nextGradient[active])
        } else {
          multiply(Rows(buffers.gates), core.cell.recurrent.rows, into: joinedGradient[active])
          let before = Rows(joinedGradient[active])
          stateGradient[active].copy(from: before.columns(0..<sizes.hidden))
          nextGradient[active].copy(from: before.columns(sizes.hidden..<before.columns))
        }
      }
      weightsGradient.fill(0)
      attentionBackward(
        firstAttention, firstAsked, contextVector: nextGradient, weights: weightsGradient, images: images,
        state: stateGradient, grid: grid, gradient: &gradient)
    }
    for (state, asked) in [(hidden, asked), (firstHidden, firstAsked)] {
      if core.attention != nil {
        multiply(
          // A gradient has what its network has.
          Rows(asked.query), Rows(state), into: gradient.attention!.query.mutableRows, transposeA: true,
          adding: true)
      }
      core.gate.backward(Rows(state), Rows(asked.gate), into: nil, gradient: &gradient.gate)
    }
    return (stateGradient, cellGradient)
  }

  /// The doubly stochastic penalty's gradient of attention weights.
  /// - Parameter weights: [captions, width], the first rows of which are overwritten
  private func penaltyGradient(
    _ totals: TeacherForcing.Totals, rows: Range<Int>, into weights: MutableRows
  ) {
    let penalty = 2 * inputs.regularization.attentionPenalty / Float(totals.captions)
    for caption in rows {
      let scale = penalty / Float(inputs.cellCounts[Int(batch.image[caption])])
      let (target, sums) = (weights[caption], coverage[caption])
      for cell in 0..<width { target[cell] = scale * (sums[cell] - 1) }
    }
  }

  /// Gradients of what attention is asked by.
  private struct QueryGradient {
    /// [rows, attention]
    let query: MutableRows
    /// [rows, 1], of the gates' pre-activations
    let gate: MutableRows

    init(query: MutableRows, gate: MutableRows) { (self.query, self.gate) = (query, gate) }

    init(rows: Int, _ sizes: DecoderSizes, _ arena: Arena) {
      (query, gate) = (arena.rows(rows, sizes.attention), arena.rows(rows, 1))
    }

    subscript(rows: Range<Int>) -> QueryGradient { QueryGradient(query: query[rows], gate: gate[rows]) }
  }

  /// Back through attention by a state.
  /// - Parameters:
  ///   - asked: overwritten
  ///   - contextVector: [rows, projection], its gradient; becomes that of the context before its gate
  ///   - weights: [rows, width], that of the weights, what does not come through the context; overwritten
  ///   - state: [rows, hidden], that of the state; added to
  private func attentionBackward(
    _ buffers: ContextBuffers, _ asked: QueryGradient, contextVector: MutableRows, weights: MutableRows,
    images: UnsafePointer<Int32>, state: MutableRows, grid gridGradient: AttentionGrid.Gradient,
    gradient: inout RecurrentCore<Tensor>
  ) {
    ScalarGate.backward(
      Rows(buffers.gate), context: Rows(buffers.context), gradient: contextVector, gateGradient: asked.gate)
    if let attention = core.attention {
      grid.backward(
        Rows(buffers.query), score: attention.score, images: images, weights: Rows(buffers.weights),
        contextGradient: Rows(contextVector), weightsGradient: weights, gradient: gridGradient,
        // A gradient has what its network has.
        queryGradient: asked.query, scoreGradient: &gradient.attention!.score)
      multiply(Rows(asked.query), attention.query.rows, into: state, adding: true)
    } else {
      grid.averageBackward(images: images, contextGradient: Rows(contextVector), gradient: gridGradient)
    }
    multiply(Rows(asked.gate), core.gate.weight.rows, into: state, adding: true)
  }

  /// Through the first state and the keys to the values.
  private func gridBackward(
    _ gridGradient: AttentionGrid.Gradient, hidden: Rows, cell: Rows, gradient: inout RecurrentCore<Tensor>
  ) {
    let (images, depth) = (batch.images, sizes.projection)
    let imageHidden = arena.zeros(images, sizes.hidden)
    let imageCell = arena.zeros(images, sizes.hidden)
    for (caption, image) in batch.image.enumerated() {
      add(hidden[caption], to: imageHidden[Int(image)], count: sizes.hidden)
      add(cell[caption], to: imageCell[Int(image)], count: sizes.hidden)
    }
    let meanGradient = arena.rows(images, depth)
    core.initialHidden.backward(
      Rows(mean), Rows(imageHidden), into: meanGradient, gradient: &gradient.initialHidden)
    core.initialCell?.backward(
      // A gradient has what its network has.
      Rows(mean), Rows(imageCell), into: meanGradient, adding: true, gradient: &gradient.initialCell!)
    var value = 0
    for (image, count) in inputs.cellCounts.enumerated() {
      let shared = meanGradient[image]
      for i in 0..<depth { shared[i] /= Float(count) }
      for _ in 0..<count {
        add(shared, to: gridGradient.values[value], count: depth)
        value += 1
      }
    }
    core.attention?.key.backward(
      Rows(inputs.values), Rows(gridGradient.keys), into: gridGradient.values, adding: true,
      // A gradient has what its network has.
      gradient: &gradient.attention!.key)
  }
}
