import Networks
import Tensors

/// One pass over a batch of clips of equal length.
package struct ActionPass {
  private let network: ActionNetwork
  private let clips: Int
  private let steps: Int
  private let regularization: Regularization
  private let seed: UInt64
  private let arena: Arena
  /// [steps, clips, channels], after dropout
  private let frames: UnsafeMutablePointer<Float>
  /// [steps, clips, projection], after ReLU
  private let projected: UnsafeMutablePointer<Float>
  private let states: RecurrentLayer.States?
  /// [clips, steps, width]
  private let values: UnsafeMutablePointer<Float>
  /// [clips, steps, attention]
  private let keys: UnsafeMutablePointer<Float>
  /// [clips, steps]: how much each step counts
  package let weights: UnsafeMutablePointer<Float>
  /// [clips]: each attends to its own steps
  private let owners: [Int32]
  /// [clips, width], after dropout
  private let context: UnsafeMutablePointer<Float>
  /// [clips, labels]
  package let logits: UnsafeMutablePointer<Float>

  /// Runs forward.
  /// - Parameter features: [clips, steps, channels]
  package init(
    _ network: ActionNetwork, features: UnsafePointer<Float>, clips: Int, steps: Int,
    regularization: Regularization = .none, seed: UInt64 = 0, arena: Arena
  ) {
    (self.network, self.clips, self.steps) = (network, clips, steps)
    (self.regularization, self.seed, self.arena) = (regularization, seed, arena)
    let sizes = network.sizes
    let rows = steps * clips
    frames = arena.floats(rows * sizes.channels)
    Self.transpose(features, into: frames, clips, steps, sizes.channels)
    dropout(frames, count: rows * sizes.channels, rate: regularization.featureDropout, seed: seed)
    projected = arena.floats(rows * sizes.projection)
    network.projection.forward(frames, rows: rows, into: projected)
    relu(projected, count: rows * sizes.projection)
    values = arena.floats(rows * sizes.width)
    weights = arena.floats(rows)
    context = arena.floats(clips * sizes.width)
    logits = arena.floats(clips * sizes.labels)
    keys = arena.floats(rows * sizes.attention)
    owners = (0..<Int32(clips)).map { $0 }
    let grid = AttentionGrid(
      positions: steps, width: sizes.attention, depth: sizes.width, keys: keys, values: values)
    if sizes.kind != nil {
      let states = network.recurrent.forward(projected, steps: steps, rows: clips, arena: arena)
      self.states = states
      Self.transpose(states.hidden + clips * sizes.hidden, into: values, steps, clips, sizes.hidden)
      network.key.forward(values, rows: rows, into: keys)
      exponentiateTwice(keys, count: rows * sizes.attention)
      let query = zeroQuery
      grid.attend(
        query, score: network.score, images: owners, rows: clips, weights: weights, context: context)
    } else {
      states = nil
      Self.transpose(projected, into: values, steps, clips, sizes.projection)
      weights.update(repeating: 1 / Float(steps), count: rows)
      for clip in 0..<clips {
        average(
          values + clip * steps * sizes.width, rows: steps, columns: sizes.width,
          into: context + clip * sizes.width)
      }
    }
    dropout(context, count: clips * sizes.width, rate: regularization.outputDropout, seed: seed &+ 1)
    network.output.forward(context, rows: clips, into: logits)
  }

  /// A query that asks for nothing, e^(2 · 0), for each clip.
  private var zeroQuery: UnsafePointer<Float> {
    let query = arena.floats(clips * network.sizes.attention)
    query.update(repeating: 1, count: clips * network.sizes.attention)
    return UnsafePointer(query)
  }

  /// The mean cross-entropy, in nats; `logits` become its gradient. Adds to `gradient`.
  package func backward(labels: [Int32], gradient: inout ActionNetwork) -> Double {
    precondition(labels.count == clips)
    let sizes = network.sizes
    let rows = steps * clips
    let loss = crossEntropy(
      logits, targets: labels, rows: clips, columns: sizes.labels, smoothing: regularization.labelSmoothing,
      scale: 1 / Float(clips))
    let grid = AttentionGrid(
      positions: steps, width: sizes.attention, depth: sizes.width, keys: keys, values: values)
    let contextGradient = arena.floats(clips * sizes.width)
    network.output.backward(context, logits, rows: clips, into: contextGradient, gradient: &gradient.output)
    dropout(contextGradient, count: clips * sizes.width, rate: regularization.outputDropout, seed: seed &+ 1)
    let projectedGradient = arena.floats(rows * sizes.projection)
    let valueGradient = arena.zeros(rows * sizes.width)
    if let states {
      let keyGradient = arena.zeros(rows * sizes.attention)
      let query = zeroQuery
      grid.backward(
        query, score: network.score, images: owners, rows: clips, weights: weights,
        contextGradient: contextGradient, weightsGradient: arena.zeros(rows),
        gradient: AttentionGrid.Gradient(keys: keyGradient, values: valueGradient),
        queryGradient: arena.floats(clips * sizes.attention), scoreGradient: gradient.score.mutablePointer)
      network.key.backward(
        values, keyGradient, rows: rows, into: valueGradient, adding: true, gradient: &gradient.key)
      let hiddenGradient = arena.floats(rows * sizes.hidden)
      Self.transpose(valueGradient, into: hiddenGradient, clips, steps, sizes.hidden)
      network.recurrent.backward(
        projected, states, hiddenGradient: hiddenGradient, into: projectedGradient,
        gradient: &gradient.recurrent,
        arena: arena)
    } else {
      for clip in 0..<clips {
        for step in 0..<steps {
          let slope = projectedGradient + (step * clips + clip) * sizes.width
          for unit in 0..<sizes.width {
            slope[unit] = contextGradient[clip * sizes.width + unit] / Float(steps)
          }
        }
      }
    }
    reluBackward(projected, projectedGradient, count: rows * sizes.projection)
    network.projection.backward(
      frames, projectedGradient, rows: rows, into: nil, gradient: &gradient.projection)
    return loss / Double(clips)
  }

  /// [first, second, width] to [second, first, width].
  private static func transpose(
    _ from: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, _ first: Int, _ second: Int,
    _ width: Int
  ) {
    for a in 0..<first {
      for b in 0..<second {
        (target + (b * first + a) * width).update(from: from + (a * second + b) * width, count: width)
      }
    }
  }
}
