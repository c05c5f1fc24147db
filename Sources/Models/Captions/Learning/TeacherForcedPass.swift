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
  let values: MutableRows
  /// [rows, embedding], after dropout
  let words: MutableRows

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
    values = arena.rows(cells, sizes.projection)
    words = arena.rows(batch.rows, sizes.embedding)
  }
}

/// The core's part of a pass over given captions.
protocol CorePass {
  /// What the words' logits are of: [rows, hidden], after `forward`
  var output: MutableRows { get }
  func forward()
  /// The doubly stochastic penalty, summed over captions: see `CaptionLoss`.
  var attentionPenalty: Double { get }
  /// Adds to the gradients of the core's weights.
  /// - Parameters:
  ///   - output: [rows, hidden], the gradient of `output`; overwritten
  ///   - words: [rows, embedding], that of the words, overwritten
  ///   - values: [cells, projection], that of the values, added to
  func backward(
    _ totals: TeacherForcing.Totals, output: MutableRows, words: MutableRows, values: MutableRows,
    gradient: inout DecoderCore<Tensor>)
}

/// One forward and backward pass over a batch.
struct TeacherForcedPass {
  private let decoder: CaptionDecoder
  private let inputs: ForcedInputs
  private let core: any CorePass
  /// [cells, channels]
  private let features: Rows
  /// [rows, hidden], the core's output after dropout
  private let dropped: MutableRows
  /// [rows, words], logits; their gradient after `loss`
  private let logits: MutableRows

  private var sizes: DecoderSizes { decoder.sizes }
  private var batch: CaptionBatch { inputs.batch }
  private var regularization: Regularization { inputs.regularization }
  /// Of the dropout masks: the values', the words' and the output's; those from the fourth on are the core's.
  private func seed(_ mask: UInt64) -> UInt64 { inputs.seed &+ mask }

  init(_ decoder: CaptionDecoder, features: Rows, _ inputs: ForcedInputs) {
    (self.decoder, self.features, self.inputs) = (decoder, features, inputs)
    core =
      switch decoder.core {
      case .recurrent(let core): RecurrentPass(core, inputs)
      case .transformer(let core): TransformerPass(core, inputs)
      }
    let rows = inputs.batch.rows
    dropped = inputs.arena.rows(rows, decoder.sizes.hidden)
    logits = inputs.arena.rows(rows, decoder.sizes.words)
  }

  func forward() {
    let (words, values) = (inputs.words, inputs.values)
    decoder.project(features, frames: batch.frames, positions: inputs.positions, into: values)
    dropout(values, rate: regularization.featureDropout, seed: seed(0))
    let embedding = decoder.embedding.rows
    for (row, word) in batch.inputs.enumerated() {
      words[row].update(from: embedding[Int(word)], count: sizes.embedding)
    }
    let styles = decoder.style.rows
    eachStyledRow { row, style in add(styles[style], to: words[row], count: sizes.embedding) }
    dropout(words, rate: regularization.embeddingDropout, seed: seed(1))
    core.forward()
    dropped.copy(from: Rows(core.output))
    dropout(dropped, rate: regularization.outputDropout, seed: seed(2))
    decoder.output.forward(Rows(dropped), into: logits)
  }

  /// The loss; turns the logits into the gradient of their mean over all words. Words with weights were drawn from those that a
  /// caption may have in it: their loss is that of these words' probabilities, without smoothing.
  func loss(_ totals: TeacherForcing.Totals) -> CaptionLoss {
    var loss = CaptionLoss()
    loss.words = batch.rows
    if batch.weights != nil {
      for row in 0..<batch.rows {
        // Finite, since smoothing multiplies the sum by 0.
        for word in Vocabulary.unwritten { logits[row][Int(word)] = -1e30 }
      }
    }
    loss.crossEntropy = crossEntropy(
      logits, targets: batch.targets, weights: batch.weights,
      smoothing: batch.weights == nil ? regularization.labelSmoothing : 0, scale: 1 / Float(totals.words))
    loss.attentionPenalty = core.attentionPenalty
    return loss
  }

  /// Adds the gradient of the mean loss to `gradient`. After `forward` and `loss`.
  /// - Parameter featureGradient: [cells, channels], overwritten; or nil if the features need none.
  func backward(
    _ totals: TeacherForcing.Totals, gradient: inout CaptionDecoder, features featureGradient: MutableRows?
  ) {
    precondition(gradient.sizes == sizes)
    let (arena, rows) = (inputs.arena, batch.rows)
    let output = arena.rows(rows, sizes.hidden)
    decoder.output.backward(Rows(dropped), Rows(logits), into: output, gradient: &gradient.output)
    dropout(output, rate: regularization.outputDropout, seed: seed(2))
    let (words, values) = (
      arena.rows(rows, sizes.embedding), arena.zeros(inputs.cells, sizes.projection)
    )
    core.backward(totals, output: output, words: words, values: values, gradient: &gradient.core)
    wordsBackward(words, gradient: &gradient)
    dropout(values, rate: regularization.featureDropout, seed: seed(0))
    reluBackward(Rows(inputs.values), values)
    decoder.positionEmbeddingBackward(
      Rows(values), frames: batch.frames, positions: inputs.positions, gradient: &gradient)
    decoder.projection.backward(
      features, Rows(values), into: featureGradient, gradient: &gradient.projection)
  }

  private func wordsBackward(_ words: MutableRows, gradient: inout CaptionDecoder) {
    let width = sizes.embedding
    dropout(words, rate: regularization.embeddingDropout, seed: seed(1))
    let embedding = gradient.embedding.mutableRows
    for (row, word) in batch.inputs.enumerated() {
      add(words[row], to: embedding[Int(word)], count: width)
    }
    if decoder.style.count > 0 {
      let styles = gradient.style.mutableRows
      eachStyledRow { row, style in add(words[row], to: styles[style], count: width) }
    }
  }

  /// The rows of the time-packed buffers with their captions' styles.
  private func eachStyledRow(_ body: (_ row: Int, _ style: Int) -> Void) {
    guard decoder.style.count > 0 else { return }
    for step in batch.active.indices {
      for (caption, row) in batch.step(step).enumerated() {
        body(row, batch.styles[Int(batch.image[caption])])
      }
    }
  }
}
