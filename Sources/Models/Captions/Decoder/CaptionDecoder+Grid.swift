import Networks
import Tensors

extension DecoderNetwork {
  /// Projects the encoder's grids to values, once an image.
  /// - Parameters:
  ///   - features: [cells, channels], the frames of the images one after the other
  ///   - frames: [images], frames of each
  ///   - positions: cells of a frame
  ///   - values: [cells, projection], overwritten
  func project(_ features: Rows, frames: [Int], positions: Int, into values: MutableRows) {
    projection.forward(features, into: values)
    addPositionEmbedding(to: values, frames: frames, positions: positions)
    relu(values)
  }

  /// Tells the frames of a clip apart. A photograph stands outside of time: its values stay as they are.
  /// - Parameter values: [cells, projection], before the ReLU
  func addPositionEmbedding(to values: MutableRows, frames: [Int], positions: Int) {
    precondition(values.rows == frames.reduce(0, +) * positions && values.columns == sizes.projection)
    let depth = sizes.projection
    eachFrame(frames) { frame, shares in
      for (knot, share) in shares {
        let code = positionEmbedding.rows[knot]
        for position in 0..<positions {
          let value = values[frame * positions + position]
          for i in 0..<depth { value[i] += share * code[i] }
        }
      }
    }
  }

  /// The frames of clips with the rows of `positionEmbedding` that they lie between.
  private func eachFrame(
    _ frames: [Int], _ body: (_ frame: Int, _ shares: [(knot: Int, share: Float)]) -> Void
  ) {
    guard let knots = sizes.frameKnots, knots > 1 else { return }
    var first = 0
    for count in frames {
      if count > 1 {
        for index in 0..<count {
          let time = Float(index * (knots - 1)) / Float(count - 1)
          let knot = min(Int(time), knots - 2)
          let share = time - Float(knot)
          body(first + index, [(knot, 1 - share), (knot + 1, share)])
        }
      }
      first += count
    }
  }
}

extension DecoderNetwork where Matrix == Tensor {
  /// Adds to the gradient of `positionEmbedding`.
  /// - Parameter valueGradient: [cells, projection], of the values before the ReLU
  func positionEmbeddingBackward(
    _ valueGradient: Rows, frames: [Int], positions: Int, gradient: inout CaptionDecoder
  ) {
    guard positionEmbedding.count > 0 else { return }
    let (depth, target) = (sizes.projection, gradient.positionEmbedding.mutableRows)
    eachFrame(frames) { frame, shares in
      for (knot, share) in shares {
        let code = target[knot]
        for position in 0..<positions {
          let value = valueGradient[frame * positions + position]
          for i in 0..<depth { code[i] += share * value[i] }
        }
      }
    }
  }
}
