/// What a stage of captioning has to do: its place in the roofline model.
package struct WorkCount: Sendable, Equatable {
  /// Floating-point operations; a multiplication and its addition are two.
  package var operations = 0
  /// Bytes of weights and activations that are read and written at least once.
  package var bytes = 0

  package init(operations: Int = 0, bytes: Int = 0) {
    (self.operations, self.bytes) = (operations, bytes)
  }

  /// The median of operations and that of bytes; of nothing, nothing.
  package init(medianOf works: [WorkCount]) {
    func median(_ field: (WorkCount) -> Int) -> Int {
      let sorted = works.map(field).sorted()
      return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
    self.init(operations: median(\.operations), bytes: median(\.bytes))
  }

  package static func += (sum: inout WorkCount, other: WorkCount) {
    sum.operations += other.operations
    sum.bytes += other.bytes
  }
}

extension WordExpectation {
  /// Of one picture: each matrix is read once.
  package var work: WorkCount {
    let matrices = [projection.weight, landmarks.weight, topics, weights]
    let values = matrices.reduce(0) { $0 + $1.outputs * $1.inputs }
    return WorkCount(operations: 2 * values, bytes: 2 * values)
  }
}

extension WordDetector {
  /// Of one picture.
  /// - Parameter cells: of its grid
  package func work(cells: Int) -> WorkCount {
    let (channels, weights) = (projection.inputs, units * (projection.inputs + concepts))
    return WorkCount(
      operations: 2 * cells * weights, bytes: 4 * (weights + cells * (channels + units + concepts)))
  }
}

extension EfficientNetLite {
  /// Of one picture, in single precision.
  package var work: WorkCount {
    var (work, side) = (WorkCount(), inputSize)
    for layer in layers {
      let inputs = layer.weightShape[1] * layer.groups * side * side
      side = (side + layer.stride - 1) / layer.stride
      let outputs = layer.weightShape[0] * side * side
      let perOutput = layer.weightShape[1...].reduce(1, *)
      work += WorkCount(
        operations: 2 * outputs * perOutput,
        bytes: 4 * (inputs + outputs * (layer.addsResidual ? 2 : 1) + layer.weightShape[0] * perOutput))
    }
    return work
  }
}

extension DecoderSizes {
  /// Of one picture's search, with matrices in half precision.
  /// - Parameters:
  ///   - cells: of the picture's grid
  ///   - steps: passes over the weights
  ///   - rows: sentences that were continued, summed over the steps
  package func work(cells: Int, steps: Int, rows: Int) -> WorkCount {
    // Weights that are read for each cell, once, and for each word; values that are kept and attended to.
    let once: Int
    let first: Int
    let word: Int
    let kept: Int
    let attended: Int
    if let transformer {
      let layers = transformer.layers
      once = channels * projection + layers * 2 * projection * attention
      first = 0
      word = layers * hidden * (6 * attention + 2 * transformer.feedForward) + words * hidden
      (kept, attended) = (projection + layers * 2 * attention, layers * 2 * attention)
    } else {
      once = channels * projection + projection * attention
      first = 2 * projection * hidden + attention * hidden
      word =
        4 * hidden * (embedding + hidden + projection) + (attention + projection) * hidden + words * hidden
      (kept, attended) = (projection + attention, 2 * attention + projection)
    }
    // An LSTM attends once before the first word.
    let contexts = rows + (transformer == nil ? 1 : 0)
    return WorkCount(
      operations: 2 * (cells * once + first + rows * word + contexts * cells * attended),
      bytes: 2 * (once + first + steps * word) + 4 * cells * (channels + kept)
        + 4 * contexts * cells * (transformer == nil ? kept : attended))
  }
}
