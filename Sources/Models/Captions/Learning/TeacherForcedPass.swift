import Compute
import Language
import Networks
import Tensors

/// What a pass over given captions gives the core: values and words, and how they are laid out. Rows of the time-packed
/// buffers are as in `CaptionBatch`.
struct ForcedInputs {
  let batch: CaptionBatch
  let regularization: Regularization
  /// Cells of a frame.
  let positions: Int
  /// [images], cells of each.
  let cellCounts: [Int]
  /// [images + 1], where each image's cells begin.
  let firstCells: UnsafePointer<Int32>
  let cells: Int
  /// Cells of the image with the most frames.
  let width: Int
  let seed: UInt64
  let arena: Arena
  /// [cells, projection], after ReLU and dropout
  let values: UnsafeMutablePointer<Float>
  /// [rows, embedding], after dropout
  let words: UnsafeMutablePointer<Float>

  init(
    _ sizes: DecoderSizes, positions: Int, batch: CaptionBatch, regularization: Regularization,
    seed: UInt64, arena: Arena
  ) {
    (self.batch, self.regularization, self.positions) = (batch, regularization, positions)
    (self.seed, self.arena) = (seed, arena)
    cellCounts = batch.frames.map { $0 * positions }
    (cells, width) = (cellCounts.reduce(0, +), cellCounts.max() ?? 0)
    let firsts = arena.integers(batch.images + 1)
    firsts[0] = 0
    for (image, count) in cellCounts.enumerated() { firsts[image + 1] = firsts[image] + Int32(count) }
    firstCells = UnsafePointer(firsts)
    values = arena.floats(cells * sizes.projection)
    words = arena.floats(batch.rows * sizes.embedding)
  }
}

/// The core's part of a pass over given captions.
protocol CorePass {
  /// What the words' logits are of: [rows, hidden], after `forward`
  var output: UnsafeMutablePointer<Float> { get }
  func forward()
  /// The doubly stochastic penalty, summed over captions: see `CaptionLoss`.
  var attentionPenalty: Double { get }
  /// Adds to the gradients of the core's weights.
  /// - Parameters:
  ///   - output: [rows, hidden], the gradient of `output`; overwritten
  ///   - words: [rows, embedding], that of the words, overwritten
  ///   - values: [cells, projection], that of the values, added to
  func backward(
    _ totals: TeacherForcing.Totals, output: UnsafeMutablePointer<Float>, words: UnsafeMutablePointer<Float>,
    values: UnsafeMutablePointer<Float>, gradient: inout DecoderCore<Tensor>)
}

/// One forward and backward pass over a batch.
struct TeacherForcedPass {
  private let decoder: CaptionDecoder
  private let inputs: ForcedInputs
  private let core: any CorePass
  /// [cells, channels]
  private let features: UnsafePointer<Float>
  /// [rows, hidden], the core's output after dropout
  private let dropped: UnsafeMutablePointer<Float>
  /// [rows, words], logits; their gradient after `loss`
  private let logits: UnsafeMutablePointer<Float>

  private var sizes: DecoderSizes { decoder.sizes }
  private var batch: CaptionBatch { inputs.batch }
  private var regularization: Regularization { inputs.regularization }
  /// Of the dropout masks: the values', the words' and the output's; those from the fourth on are the core's.
  private func seed(_ mask: UInt64) -> UInt64 { inputs.seed &+ mask }

  init(_ decoder: CaptionDecoder, features: UnsafePointer<Float>, _ inputs: ForcedInputs) {
    (self.decoder, self.features, self.inputs) = (decoder, features, inputs)
    core =
      switch decoder.core {
      case .lstm(let core): AttentionLSTMPass(core, inputs)
      case .transformer(let core): TransformerPass(core, inputs)
      }
    let rows = inputs.batch.rows
    dropped = inputs.arena.floats(rows * decoder.sizes.hidden)
    logits = inputs.arena.floats(rows * decoder.sizes.words)
  }

  func forward() {
    let (rows, words, values) = (batch.rows, inputs.words, inputs.values)
    decoder.project(features, frames: batch.frames, positions: inputs.positions, into: values)
    dropout(
      values, count: inputs.cells * sizes.projection, rate: regularization.featureDropout, seed: seed(0))
    for (row, word) in batch.inputs.enumerated() {
      (words + row * sizes.embedding).update(
        from: decoder.embedding.pointer + Int(word) * sizes.embedding, count: sizes.embedding)
    }
    eachStyledRow { row, style in
      add(
        decoder.style.pointer + style * sizes.embedding, to: words + row * sizes.embedding,
        count: sizes.embedding)
    }
    dropout(words, count: rows * sizes.embedding, rate: regularization.embeddingDropout, seed: seed(1))
    core.forward()
    dropped.update(from: core.output, count: rows * sizes.hidden)
    dropout(dropped, count: rows * sizes.hidden, rate: regularization.outputDropout, seed: seed(2))
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
    loss.attentionPenalty = core.attentionPenalty
    return loss
  }

  /// Adds the gradient of the mean loss to `gradient`. After `forward` and `loss`.
  /// - Parameter featureGradient: [cells, channels], overwritten; or nil if the features need none.
  func backward(
    _ totals: TeacherForcing.Totals, gradient: inout CaptionDecoder,
    features featureGradient: UnsafeMutablePointer<Float>?
  ) {
    let (arena, rows, cells, depth) = (inputs.arena, batch.rows, inputs.cells, sizes.projection)
    precondition(gradient.sizes == sizes)
    let output = arena.floats(rows * sizes.hidden)
    decoder.output.backward(dropped, logits, rows: rows, into: output, gradient: &gradient.output)
    dropout(output, count: rows * sizes.hidden, rate: regularization.outputDropout, seed: seed(2))
    let (words, values) = (arena.floats(rows * sizes.embedding), arena.zeros(cells * depth))
    core.backward(totals, output: output, words: words, values: values, gradient: &gradient.core)
    wordsBackward(words, gradient: &gradient)
    dropout(values, count: cells * depth, rate: regularization.featureDropout, seed: seed(0))
    reluBackward(inputs.values, values, count: cells * depth)
    decoder.placesBackward(values, frames: batch.frames, positions: inputs.positions, gradient: &gradient)
    decoder.projection.backward(
      features, values, rows: cells, into: featureGradient, gradient: &gradient.projection)
  }

  private func wordsBackward(
    _ words: UnsafeMutablePointer<Float>, gradient: inout CaptionDecoder
  ) {
    let width = sizes.embedding
    dropout(words, count: batch.rows * width, rate: regularization.embeddingDropout, seed: seed(1))
    let embedding = gradient.embedding.mutablePointer
    for (row, word) in batch.inputs.enumerated() {
      add(words + row * width, to: embedding + Int(word) * width, count: width)
    }
    if decoder.style.count > 0 {
      let styles = gradient.style.mutablePointer
      eachStyledRow { row, style in add(words + row * width, to: styles + style * width, count: width) }
    }
  }

  /// The rows of the time-packed buffers with their captions' styles.
  private func eachStyledRow(_ body: (_ row: Int, _ style: Int) -> Void) {
    guard decoder.style.count > 0 else { return }
    for (step, count) in batch.active.enumerated() {
      for caption in 0..<count {
        body(batch.offsets[step] + caption, batch.styles[Int(batch.image[caption])])
      }
    }
  }
}
