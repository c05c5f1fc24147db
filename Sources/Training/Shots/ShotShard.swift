import Models
import Networks
import Scenes
import Tensors

/// One part of a batch: its memory and its gradient.
final class ShotShard {
  private(set) var gradient: ShotNetwork
  private(set) var loss = 0.0
  private let arena = Arena()

  init(_ network: ShotNetwork) { gradient = network.zeros }

  /// - Parameter total: frames of the whole batch
  func learn(
    _ network: ShotNetwork, _ stretches: [ShotComposer.Stretch], weights: [Float], total: Int
  ) {
    gradient.fill(0)
    loss = 0
    guard let first = stretches.first else { return }
    arena.reset()
    let (steps, rows, sizes) = (first.frames.count, stretches.count, network.sizes)
    // Frames lie by row in the convolutions, by step in the recurrence.
    let inputs = arena.rows(steps * rows, sizes.inputs)
    let images = arena.rows(rows * steps, ShotNetwork.imageValues)
    for (row, stretch) in stretches.enumerated() {
      var comparison = FrameComparison()
      for (step, frame) in stretch.frames.enumerated() {
        ShotNetwork.fill(
          frame, after: stretch.frames[max(0, step - 1)], into: images[row * steps + step])
        let target = inputs[step * rows + row] + sizes.embedding
        for (index, value) in comparison.append(frame).enumerated() { target[index] = value }
      }
    }
    let embedding = ShotEmbedding(network, images: Rows(images), arena: arena)
    for row in 0..<rows {
      for step in 0..<steps {
        inputs[step * rows + row].update(
          from: embedding.values[row * steps + step], count: sizes.embedding)
      }
    }
    let pass = ShotPass(network, inputs: Rows(inputs), stretches: rows, arena: arena)
    var classes = [Int32](repeating: 0, count: steps * rows)
    for (row, stretch) in stretches.enumerated() {
      for (step, kind) in stretch.classes.enumerated() { classes[step * rows + row] = kind }
    }
    let inputGradient = arena.rows(steps * rows, sizes.inputs)
    loss = pass.backward(
      classes: classes, weights: weights, total: total, into: inputGradient, gradient: &gradient)
    let embeddingGradient = arena.rows(rows * steps, sizes.embedding)
    for row in 0..<rows {
      for step in 0..<steps {
        embeddingGradient[row * steps + step].update(
          from: inputGradient[step * rows + row], count: sizes.embedding)
      }
    }
    embedding.backward(network, embeddingGradient, gradient: &gradient, arena: arena)
  }

  func add(_ other: ShotShard) { gradient.accumulate(other.gradient) }
}
