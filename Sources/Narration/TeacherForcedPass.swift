import Compute
import Language
import Networks
import Tensors

/// One forward and backward pass over a batch. Rows of the time-packed buffers are as in `CaptionBatch`.
struct TeacherForcedPass {
  let decoder: CaptionDecoder
  let batch: CaptionBatch
  let regularization: Regularization
  /// Cells of a frame.
  let positions: Int
  /// [images], cells of each.
  let cellCounts: [Int]
  /// [images + 1], where each image's cells begin.
  let firstCells: UnsafePointer<Int32>
  /// Cells of the image with the most frames.
  let width: Int
  let seed: UInt64
  let arena: Arena
  /// [cells, channels]
  let features: UnsafePointer<Float>
  /// [cells, projection], after ReLU and dropout
  let values: UnsafeMutablePointer<Float>
  /// [cells, attention], e^(2 key)
  let keys: UnsafeMutablePointer<Float>
  /// [images, projection]
  let mean: UnsafeMutablePointer<Float>
  /// [captions, hidden], the states before the first word
  let firstHidden: UnsafeMutablePointer<Float>
  let firstCell: UnsafeMutablePointer<Float>
  /// [rows, embedding], after dropout
  let words: UnsafeMutablePointer<Float>
  /// [rows, hidden]
  let hiddenBefore: UnsafeMutablePointer<Float>
  /// All steps' buffers, one after the other; see `StepBuffers`.
  let all: StepBuffers
  /// [rows, hidden], the hidden states after dropout
  let dropped: UnsafeMutablePointer<Float>
  /// [rows, words], logits; their gradient after `loss`
  let logits: UnsafeMutablePointer<Float>
  /// [captions, width], attention summed over a caption's words
  let coverage: UnsafeMutablePointer<Float>

  var sizes: CaptionDecoder.Sizes { decoder.sizes }
  let cells: Int

  init(
    decoder: CaptionDecoder, features: UnsafePointer<Float>, positions: Int, batch: CaptionBatch,
    regularization: Regularization, seed: UInt64, arena: Arena
  ) {
    (self.decoder, self.batch, self.regularization) = (decoder, batch, regularization)
    (self.features, self.positions, self.seed, self.arena) = (features, positions, seed, arena)
    cellCounts = batch.frames.map { $0 * positions }
    (cells, width) = (cellCounts.reduce(0, +), cellCounts.max() ?? 0)
    let firsts = arena.integers(batch.images + 1)
    firsts[0] = 0
    for (image, count) in cellCounts.enumerated() { firsts[image + 1] = firsts[image] + Int32(count) }
    firstCells = UnsafePointer(firsts)
    let (sizes, rows) = (decoder.sizes, batch.rows)
    values = arena.floats(cells * sizes.projection)
    keys = arena.floats(cells * sizes.attention)
    mean = arena.zeros(batch.images * sizes.projection)
    firstHidden = arena.floats(batch.captions * sizes.hidden)
    firstCell = arena.floats(batch.captions * sizes.hidden)
    words = arena.floats(rows * sizes.embedding)
    hiddenBefore = arena.floats(rows * sizes.hidden)
    all = StepBuffers(
      hiddenBefore: UnsafePointer(hiddenBefore), cellBefore: UnsafePointer(firstCell),
      query: arena.floats(rows * sizes.attention), gate: arena.floats(rows),
      weights: arena.floats(rows * width), context: arena.floats(rows * sizes.projection),
      joined: arena.floats(rows * (sizes.hidden + sizes.projection)),
      gates: arena.floats(rows * 4 * sizes.hidden),
      cell: arena.floats(rows * sizes.hidden), hidden: arena.floats(rows * sizes.hidden))
    dropped = arena.floats(rows * sizes.hidden)
    logits = arena.floats(rows * sizes.words)
    coverage = arena.zeros(batch.captions * width)
  }

  var grid: AttentionGrid {
    AttentionGrid(
      positions: width, first: firstCells, width: sizes.attention, depth: sizes.projection,
      keys: UnsafePointer(keys), values: UnsafePointer(values))
  }

  /// The buffers of one step.
  func buffers(_ step: Int) -> StepBuffers {
    let (row, hidden) = (batch.offsets[step], sizes.hidden)
    let cellBefore = step == 0 ? firstCell : all.cell + batch.offsets[step - 1] * hidden
    return StepBuffers(
      hiddenBefore: all.hiddenBefore + row * hidden, cellBefore: UnsafePointer(cellBefore),
      query: all.query + row * sizes.attention, gate: all.gate + row, weights: all.weights + row * width,
      context: all.context + row * sizes.projection, joined: all.joined + row * (hidden + sizes.projection),
      gates: all.gates + row * 4 * hidden, cell: all.cell + row * hidden, hidden: all.hidden + row * hidden)
  }

  func forward() {
    let (hidden, rows) = (sizes.hidden, batch.rows)
    decoder.prepare(features, frames: batch.frames, positions: positions, values: values, keys: keys) {
      values in
      dropout(values, count: cells * sizes.projection, rate: regularization.featureDropout, seed: seed)
    }
    let imageHidden = arena.floats(batch.images * hidden)
    let imageCell = arena.floats(batch.images * hidden)
    decoder.firstState(
      values: values, cells: cellCounts, mean: mean, hidden: imageHidden, cell: imageCell)
    for (caption, image) in batch.image.enumerated() {
      (firstHidden + caption * hidden).update(from: imageHidden + Int(image) * hidden, count: hidden)
      (firstCell + caption * hidden).update(from: imageCell + Int(image) * hidden, count: hidden)
    }
    for (row, word) in batch.inputs.enumerated() {
      (words + row * sizes.embedding).update(
        from: decoder.embedding.pointer + Int(word) * sizes.embedding, count: sizes.embedding)
    }
    eachStyledRow { row, style in
      add(
        decoder.style.pointer + style * sizes.embedding, to: words + row * sizes.embedding,
        count: sizes.embedding)
    }
    dropout(words, count: rows * sizes.embedding, rate: regularization.embeddingDropout, seed: seed &+ 1)
    decoder.lstm.input.forward(words, rows: rows, into: all.gates)
    batch.image.withUnsafeBufferPointer { images in
      guard let images = images.baseAddress else { return }
      for step in batch.active.indices {
        let before = step == 0 ? firstHidden : all.hidden + batch.offsets[step - 1] * hidden
        let count = batch.active[step]
        (hiddenBefore + batch.offsets[step] * hidden).update(from: before, count: count * hidden)
        let buffers = buffers(step)
        decoder.step(buffers, rows: count, grid: grid, images: images)
        add(buffers.weights, to: coverage, count: count * width)
      }
    }
    dropped.update(from: all.hidden, count: rows * hidden)
    dropout(dropped, count: rows * hidden, rate: regularization.outputDropout, seed: seed &+ 2)
    decoder.output.forward(dropped, rows: rows, into: logits)
  }

  /// The loss; turns the logits into the gradient of their mean over all words. Words with weights were drawn from those that a
  /// caption may have in it: their loss is that of these words' probabilities, without smoothing.
  func loss(_ totals: TeacherForcing.Totals) -> CaptionLoss {
    var loss = CaptionLoss()
    loss.words = batch.rows
    if batch.weights != nil {
      for row in 0..<batch.rows {
        // Finite, since smoothing multiplies the sum by 0.
        for word in Vocabulary.unwritten { logits[row * sizes.words + Int(word)] = -1e30 }
      }
    }
    loss.crossEntropy = crossEntropy(
      logits, targets: batch.targets, weights: batch.weights, rows: batch.rows, columns: sizes.words,
      smoothing: batch.weights == nil ? regularization.labelSmoothing : 0, scale: 1 / Float(totals.words))
    for (caption, image) in batch.image.enumerated() {
      let count = cellCounts[Int(image)]
      var sum: Float = 0
      for i in 0..<count {
        let missing = 1 - coverage[caption * width + i]
        sum += missing * missing
      }
      loss.attentionPenalty += Double(sum) / Double(count)
    }
    return loss
  }

  /// The rows of the time-packed buffers with their captions' styles.
  func eachStyledRow(_ body: (_ row: Int, _ style: Int) -> Void) {
    guard decoder.style.count > 0 else { return }
    for (step, count) in batch.active.enumerated() {
      for caption in 0..<count {
        body(batch.offsets[step] + caption, batch.styles[Int(batch.image[caption])])
      }
    }
  }
}
