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
  ///   - features: [frames * positions, channels], the frames of the images one after the other
  ///   - frames: [images], frames of each: 1 for a photograph
  ///   - styles: [images], whose way of writing to follow
  ///   - positions: cells of a frame
  ///   - count: captions of an image
  ///   - maximumWords: after which a caption ends, markers left out
  ///   - random: gives one number for each caption, images first.
  package func captions(
    _ decoder: CaptionDecoder, features: Rows, frames: [Int], styles: [Int], positions: Int,
    count: Int, maximumWords: Int, using random: inout RandomGenerator
  ) -> [[Sample]] {
    precondition(frames.count == styles.count && count > 0 && maximumWords > 0)
    var drafts = (0..<frames.count * count).map { _ in
      var words = [Vocabulary.beginning]
      words.reserveCapacity(maximumWords + 2)
      return Draft(words: words, random: RandomGenerator(seed: random.next()))
    }
    arena.reset()
    let cells = frames.map { $0 * positions }
    let session = DecodingSession(
      decoder, positions: positions, cells: cells.reduce(0, +), widest: cells.max() ?? 0,
      images: frames.count, rows: drafts.count, memory: arena)
    session.reserve(steps: maximumWords)
    precondition(features.rows == cells.reduce(0, +))
    var first = 0
    for count in cells {
      session.add(features[first..<first + count])
      first += count
    }
    var open = drafts.indices.map { (caption: $0, row: $0 / count) }
    for step in 0..<maximumWords where !open.isEmpty {
      for (caption, row) in open {
        let image = caption / count
        session.append(
          step == 0 ? nil : drafts[caption].words.last, parent: row, image: image, style: styles[image])
      }
      _ = session.step()
      open = draw(open.map(\.caption), &drafts, session.logits)
    }
    for (caption, _) in open { drafts[caption].words.append(Vocabulary.end) }
    return frames.indices.map { image in
      drafts[image * count..<(image + 1) * count].map {
        Sample(words: $0.words, logProbability: $0.logProbability)
      }
    }
  }

  /// Draws the next word of each row's caption.
  /// - Returns: the captions that go on, and their rows.
  private func draw(
    _ rows: [Int], _ drafts: inout [Draft], _ logits: MutableRows
  ) -> [(caption: Int, row: Int)] {
    var open: [(caption: Int, row: Int)] = []
    for (row, caption) in rows.enumerated() {
      for word in Vocabulary.unwritten { logits[row][Int(word)] = -.infinity }
      let drawn = Networks.draw(logits[row..<row + 1], uniform: drafts[caption].random.uniform())
      drafts[caption].words.append(Int32(drawn.index))
      drafts[caption].logProbability += Double(drawn.logProbability)
      if drawn.index != Vocabulary.end { open.append((caption, row)) }
    }
    return open
  }
}
