import Networks
import Tensors

extension DecoderNetwork where Matrix == Tensor {
  /// Projects the encoder's grids to values, once an image.
  /// - Parameters:
  ///   - features: [cells, channels], the frames of the images one after the other
  ///   - frames: [images], frames of each
  ///   - positions: cells of a frame
  ///   - values: [cells, projection], overwritten
  func project(
    _ features: UnsafePointer<Float>, frames: [Int], positions: Int, into values: UnsafeMutablePointer<Float>
  ) {
    let cells = frames.reduce(0, +) * positions
    projection.forward(features, rows: cells, into: values)
    addPlaces(to: values, frames: frames, positions: positions)
    relu(values, count: cells * sizes.projection)
  }

  /// Adds to the gradient of `place`.
  /// - Parameter gradients: [cells, projection], of the values before the ReLU
  func placesBackward(
    _ gradients: UnsafePointer<Float>, frames: [Int], positions: Int, gradient: inout CaptionDecoder
  ) {
    guard place.count > 0 else { return }
    let (depth, target) = (sizes.projection, gradient.place.mutablePointer)
    eachFrame(frames) { frame, shares in
      for (knot, share) in shares {
        let code = target + knot * depth
        for position in 0..<positions {
          let value = gradients + (frame * positions + position) * depth
          for i in 0..<depth { code[i] += share * value[i] }
        }
      }
    }
  }
}

extension DecoderNetwork {
  /// Tells the frames of a clip apart. A photograph stands outside of time: its values stay as they are.
  /// - Parameter values: [cells, projection], before the ReLU
  func addPlaces(to values: UnsafeMutablePointer<Float>, frames: [Int], positions: Int) {
    let depth = sizes.projection
    eachFrame(frames) { frame, shares in
      for (knot, share) in shares {
        let code = place.pointer + knot * depth
        for position in 0..<positions {
          let value = values + (frame * positions + position) * depth
          for i in 0..<depth { value[i] += share * code[i] }
        }
      }
    }
  }

  /// The frames of clips with the rows of `place` that they lie between.
  func eachFrame(
    _ frames: [Int], _ body: (_ frame: Int, _ shares: [(knot: Int, share: Float)]) -> Void
  ) {
    guard let knots = sizes.places, knots > 1 else { return }
    var first = 0
    for count in frames {
      if count > 1 {
        for index in 0..<count {
          let place = Float(index * (knots - 1)) / Float(count - 1)
          let knot = min(Int(place), knots - 2)
          let share = place - Float(knot)
          body(first + index, [(knot, 1 - share), (knot + 1, share)])
        }
      }
      first += count
    }
  }
}
