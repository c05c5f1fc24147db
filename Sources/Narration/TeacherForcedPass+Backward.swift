import Compute
import Networks
import Tensors

extension TeacherForcedPass {
  /// Adds the gradient of the mean loss to `gradient`. After `forward` and `loss`.
  /// - Parameter featureGradient: [cells, channels], overwritten; or nil if the features need none.
  func backward(
    _ totals: TeacherForcing.Totals, gradient: inout CaptionDecoder,
    features featureGradient: UnsafeMutablePointer<Float>?
  ) {
    let (hidden, joined, rows) = (sizes.hidden, sizes.hidden + sizes.projection, batch.rows)
    let hiddenGradient = arena.floats(rows * hidden)
    decoder.output.backward(dropped, logits, rows: rows, into: hiddenGradient, gradient: &gradient.output)
    dropout(hiddenGradient, count: rows * hidden, rate: regularization.outputDropout, seed: seed &+ 2)

    let gridGradient = AttentionGrid.Gradient(
      keys: arena.zeros(cells * sizes.attention), values: arena.zeros(cells * sizes.projection))
    let state = throughTime(totals, hiddenGradient: hiddenGradient, grid: gridGradient, gradient: &gradient)

    multiply(
      all.gates, all.joined, into: gradient.lstm.recurrent.mutablePointer, rows: 4 * hidden, columns: joined,
      inner: rows, transposeA: true, adding: true)
    multiply(
      state.query, hiddenBefore, into: gradient.attention.query.mutablePointer, rows: sizes.attention,
      columns: hidden, inner: rows, transposeA: true, adding: true)
    decoder.gate.backward(hiddenBefore, state.gate, rows: rows, into: nil, gradient: &gradient.gate)
    wordsBackward(gradient: &gradient)
    gridBackward(
      gridGradient, hidden: state.hidden, cell: state.cell, gradient: &gradient, features: featureGradient)
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
    grid gridGradient: AttentionGrid.Gradient,
    gradient: inout CaptionDecoder
  ) -> StateGradient {
    let (hidden, joined, captions) = (sizes.hidden, sizes.hidden + sizes.projection, batch.captions)
    let state = StateGradient(
      hidden: arena.zeros(captions * hidden), cell: arena.zeros(captions * hidden),
      query: arena.floats(batch.rows * sizes.attention), gate: arena.floats(batch.rows))
    let joinedGradient = arena.floats(captions * joined)
    let contextGradient = arena.floats(captions * sizes.projection)
    let weightsGradient = arena.floats(captions * width)
    let penalty = 2 * regularization.attentionPenalty / Float(totals.captions)
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
          gates, decoder.lstm.recurrent.pointer, into: joinedGradient, rows: count, columns: joined,
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
          let scale = penalty / Float(cellCounts[Int(images[i])])
          for l in i * width..<(i + 1) * width { weightsGradient[l] = scale * (coverage[l] - 1) }
        }
        grid.backward(
          buffers.query, score: decoder.attention.score, images: images, rows: count,
          weights: buffers.weights,
          contextGradient: contextGradient, weightsGradient: weightsGradient, gradient: gridGradient,
          queryGradient: state.query + row * sizes.attention, scoreGradient: scoreGradient)
        multiply(
          state.query + row * sizes.attention, decoder.attention.query.pointer, into: state.hidden,
          rows: count,
          columns: hidden, inner: sizes.attention, adding: true)
        multiply(
          state.gate + row, decoder.gate.weight.pointer, into: state.hidden, rows: count, columns: hidden,
          inner: 1,
          adding: true)
      }
    }
    return state
  }

  private func wordsBackward(gradient: inout CaptionDecoder) {
    let wordGradient = arena.floats(batch.rows * sizes.embedding)
    decoder.lstm.input.backward(
      words, all.gates, rows: batch.rows, into: wordGradient, gradient: &gradient.lstm.input)
    dropout(
      wordGradient, count: batch.rows * sizes.embedding, rate: regularization.embeddingDropout,
      seed: seed &+ 1)
    let embedding = gradient.embedding.mutablePointer
    for (row, word) in batch.inputs.enumerated() {
      add(
        wordGradient + row * sizes.embedding, to: embedding + Int(word) * sizes.embedding,
        count: sizes.embedding)
    }
    if decoder.style.count > 0 {
      let styles = gradient.style.mutablePointer
      eachStyledRow { row, style in
        add(
          wordGradient + row * sizes.embedding, to: styles + style * sizes.embedding, count: sizes.embedding)
      }
    }
  }

  /// Through the first state, the keys and the values to the projection and, if wanted, the features.
  private func gridBackward(
    _ gridGradient: AttentionGrid.Gradient, hidden: UnsafePointer<Float>, cell: UnsafePointer<Float>,
    gradient: inout CaptionDecoder, features featureGradient: UnsafeMutablePointer<Float>?
  ) {
    let (images, hiddenWidth, depth) = (batch.images, sizes.hidden, sizes.projection)
    let imageHidden = arena.zeros(images * hiddenWidth)
    let imageCell = arena.zeros(images * hiddenWidth)
    for (caption, image) in batch.image.enumerated() {
      add(hidden + caption * hiddenWidth, to: imageHidden + Int(image) * hiddenWidth, count: hiddenWidth)
      add(cell + caption * hiddenWidth, to: imageCell + Int(image) * hiddenWidth, count: hiddenWidth)
    }
    let meanGradient = arena.floats(images * depth)
    decoder.initialHidden.backward(
      mean, imageHidden, rows: images, into: meanGradient, gradient: &gradient.initialHidden)
    decoder.initialCell.backward(
      mean, imageCell, rows: images, into: meanGradient, adding: true, gradient: &gradient.initialCell)
    var value = gridGradient.values
    for (image, count) in cellCounts.enumerated() {
      let slope = meanGradient + image * depth
      for i in 0..<depth { slope[i] /= Float(count) }
      for _ in 0..<count {
        add(slope, to: value, count: depth)
        value += depth
      }
    }
    decoder.attention.key.backward(
      values, gridGradient.keys, rows: cells, into: gridGradient.values, adding: true,
      gradient: &gradient.attention.key)
    dropout(gridGradient.values, count: cells * depth, rate: regularization.featureDropout, seed: seed)
    reluBackward(values, gridGradient.values, count: cells * depth)
    decoder.placesBackward(
      gridGradient.values, frames: batch.frames, positions: positions, gradient: &gradient)
    decoder.projection.backward(
      features, gridGradient.values, rows: cells, into: featureGradient, gradient: &gradient.projection)
  }
}
