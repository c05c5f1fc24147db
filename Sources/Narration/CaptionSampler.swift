import Compute
import Language
import Networks
import Tensors

/// Draws captions word by word from the decoder's own probabilities, as self-critical training needs them (Rennie et al. 2017):
/// several for each image of a batch, all in the same passes over the weights. One for each worker.
///
/// A caption's random numbers are its own, so that what is drawn for it does not depend on which others have ended. No dropout.
package final class CaptionSampler {
  /// A caption that was drawn.
  package struct Sample: Sendable {
    /// Markers of beginning and end included.
    package let words: [Int32]
    /// Natural logarithm of its probability; an end for want of room counts as certain.
    package let logProbability: Double
  }
  /// A caption while it is drawn.
  private struct Draft {
    var words: [Int32]
    var logProbability = 0.0
    var random: RandomGenerator
  }

  private let arena = Arena()
  package init() {}

  /// Captions of each image, in the form that `CaptionBatch` takes: [images][count].
  /// - Parameters:
  ///   - features: [frames, positions, channels], the frames of the images one after the other
  ///   - frames: [images], frames of each: 1 for a photograph
  ///   - styles: [images], whose way of writing to follow
  ///   - positions: cells of a frame
  ///   - count: captions of an image
  ///   - maximumWords: after which a caption ends, markers left out
  ///   - temperature: what logits are divided by; at 1 words come as probable as the decoder has them. Below 1, the probable ones
  ///     more often.
  ///   - random: gives one number for each caption, images first.
  package func captions(
    _ decoder: CaptionDecoder, features: UnsafePointer<Float>, frames: [Int], styles: [Int], positions: Int,
    count: Int, maximumWords: Int, temperature: Float = 1, using random: inout RandomGenerator
  ) -> [[Sample]] {
    precondition(frames.count == styles.count && count > 0 && maximumWords > 0 && temperature > 0)
    var drafts = (0..<frames.count * count).map { _ in
      var words = [Vocabulary.beginning]
      words.reserveCapacity(maximumWords + 2)
      return Draft(words: words, random: RandomGenerator(seed: random.next()))
    }
    let b = start(decoder, features: features, frames: frames, positions: positions, count: count)
    var open = Array(drafts.indices)
    for _ in 0..<maximumWords where !open.isEmpty {
      let rows = open.count
      for (row, caption) in open.enumerated() {
        b.images[row] = Int32(caption / count)
        decoder.embed(
          drafts[caption].words[drafts[caption].words.count - 1], style: styles[caption / count],
          into: b.words + row * decoder.sizes.embedding)
      }
      decoder.lstm.input.forward(b.words, rows: rows, into: b.step.gates)
      decoder.step(b.step, rows: rows, grid: b.grid, images: UnsafePointer(b.images))
      decoder.output.forward(b.step.hidden, rows: rows, into: b.logits)
      draw(rows: &open, &drafts, b, words: decoder.sizes.words, hidden: decoder.sizes.hidden, temperature)
    }
    for caption in open { drafts[caption].words.append(Vocabulary.end) }
    return frames.indices.map { image in
      drafts[image * count..<(image + 1) * count].map {
        Sample(words: $0.words, logProbability: $0.logProbability)
      }
    }
  }

  /// Draws the next word of each row's caption. The rows of those that go on move up, with their states.
  private func draw(
    rows open: inout [Int], _ drafts: inout [Draft], _ b: Buffers, words: Int, hidden: Int,
    _ temperature: Float
  ) {
    var kept = 0
    for (row, caption) in open.enumerated() {
      let logits = b.logits + row * words
      for word in Vocabulary.unwritten { logits[Int(word)] = -.infinity }
      let drawn = Networks.draw(
        logits, count: words, temperature: temperature, uniform: drafts[caption].random.uniform())
      drafts[caption].words.append(Int32(drawn.index))
      drafts[caption].logProbability += Double(drawn.logProbability)
      guard drawn.index != Vocabulary.end else { continue }
      (b.hidden + kept * hidden).update(from: b.step.hidden + row * hidden, count: hidden)
      (b.cell + kept * hidden).update(from: b.step.cell + row * hidden, count: hidden)
      open[kept] = caption
      kept += 1
    }
    open.removeLast(open.count - kept)
  }

  /// Memory of one call.
  private struct Buffers {
    let grid: AttentionGrid
    /// [rows], the image that each looks at
    let images: UnsafeMutablePointer<Int32>
    /// [rows, embedding]
    let words: UnsafeMutablePointer<Float>
    /// [rows, hidden], the states before the step
    let hidden, cell: UnsafeMutablePointer<Float>
    /// [rows, words]
    let logits: UnsafeMutablePointer<Float>
    let step: StepBuffers
  }

  /// Prepares the grids, and each caption's state before the first word.
  private func start(
    _ decoder: CaptionDecoder, features: UnsafePointer<Float>, frames: [Int], positions: Int, count: Int
  ) -> Buffers {
    arena.reset()
    let (sizes, images, rows) = (decoder.sizes, frames.count, frames.count * count)
    let cellCounts = frames.map { $0 * positions }
    let (cells, width) = (cellCounts.reduce(0, +), cellCounts.max() ?? 0)
    let firsts = arena.integers(images + 1)
    firsts[0] = 0
    for (image, count) in cellCounts.enumerated() { firsts[image + 1] = firsts[image] + Int32(count) }
    let (values, keys) = (arena.floats(cells * sizes.projection), arena.floats(cells * sizes.attention))
    decoder.prepare(features, frames: frames, positions: positions, values: values, keys: keys) { _ in }
    let (imageHidden, imageCell) = (arena.floats(images * sizes.hidden), arena.floats(images * sizes.hidden))
    decoder.firstState(
      values: values, cells: cellCounts, mean: arena.zeros(images * sizes.projection), hidden: imageHidden,
      cell: imageCell)
    let (hidden, cell) = (arena.floats(rows * sizes.hidden), arena.floats(rows * sizes.hidden))
    for row in 0..<rows {
      let state = row / count * sizes.hidden
      (hidden + row * sizes.hidden).update(from: imageHidden + state, count: sizes.hidden)
      (cell + row * sizes.hidden).update(from: imageCell + state, count: sizes.hidden)
    }
    return Buffers(
      grid: AttentionGrid(
        positions: width, first: UnsafePointer(firsts), width: sizes.attention, depth: sizes.projection,
        keys: UnsafePointer(keys), values: UnsafePointer(values)),
      images: arena.integers(rows), words: arena.floats(rows * sizes.embedding), hidden: hidden, cell: cell,
      logits: arena.floats(rows * sizes.words),
      step: StepBuffers(
        hiddenBefore: UnsafePointer(hidden), cellBefore: UnsafePointer(cell),
        query: arena.floats(rows * sizes.attention), gate: arena.floats(rows),
        weights: arena.floats(rows * width), context: arena.floats(rows * sizes.projection),
        joined: arena.floats(rows * (sizes.hidden + sizes.projection)),
        gates: arena.floats(rows * 4 * sizes.hidden),
        cell: arena.floats(rows * sizes.hidden), hidden: arena.floats(rows * sizes.hidden)))
  }
}

extension CaptionDecoder {
  /// A word as the LSTM is given it: its embedding, and what the style adds.
  /// - Parameter target: [embedding], overwritten
  fileprivate func embed(_ word: Int32, style index: Int, into target: UnsafeMutablePointer<Float>) {
    target.update(from: embedding.pointer + Int(word) * sizes.embedding, count: sizes.embedding)
    guard style.count > 0 else { return }
    add(style.pointer + index * sizes.embedding, to: target, count: sizes.embedding)
  }
}
