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
  /// [steps * clips, channels], after dropout
  private let frames: MutableRows
  /// [steps * clips, projection], after ReLU
  private let projected: MutableRows
  private let states: RecurrentStates?
  /// [clips * steps, width]
  private let values: MutableRows
  /// [clips * steps, attention]
  private let keys: MutableRows
  /// [clips, steps]: how much each step counts
  package let weights: MutableRows
  /// [clips]: each attends to its own steps
  private let owners: [Int32]
  /// [clips, width], after dropout
  private let context: MutableRows
  /// [clips, labels]
  package let logits: MutableRows

  /// Runs forward.
  /// - Parameter features: [clips * steps, channels]
  package init(
    _ network: ActionNetwork, features: Rows, clips: Int, regularization: Regularization = .none,
    seed: UInt64 = 0, arena: Arena
  ) {
    let (sizes, rows) = (network.sizes, features.rows)
    precondition(clips > 0 && rows % clips == 0)
    let steps = rows / clips
    (self.network, self.clips, self.steps) = (network, clips, steps)
    (self.regularization, self.seed, self.arena) = (regularization, seed, arena)
    frames = arena.rows(rows, sizes.channels)
    Self.transpose(features, into: frames, groups: clips)
    dropout(frames, rate: regularization.featureDropout, seed: seed)
    projected = arena.rows(rows, sizes.projection)
    network.projection.forward(Rows(frames), into: projected)
    relu(projected)
    values = arena.rows(rows, sizes.width)
    weights = arena.rows(clips, steps)
    context = arena.rows(clips, sizes.width)
    logits = arena.rows(clips, sizes.labels)
    keys = arena.rows(rows, sizes.attention)
    owners = (0..<Int32(clips)).map { $0 }
    if sizes.cell != .average {
      let states = network.recurrent.forward(Rows(projected), sequences: clips, arena: arena)
      self.states = states
      Self.transpose(states.hidden, into: values, groups: steps)
      network.key.forward(Rows(values), into: keys)
      exponentiateTwice(keys)
      grid.attend(zeroQuery, score: network.score, images: owners, weights: weights, context: context)
    } else {
      states = nil
      Self.transpose(Rows(projected), into: values, groups: steps)
      weights.fill(1 / Float(steps))
      for clip in 0..<clips {
        average(Rows(values[clip * steps..<(clip + 1) * steps]), into: context[clip])
      }
    }
    dropout(context, rate: regularization.outputDropout, seed: seed &+ 1)
    network.output.forward(Rows(context), into: logits)
  }

  private var grid: AttentionGrid {
    AttentionGrid(positions: steps, keys: Rows(keys), values: Rows(values))
  }

  /// A query that asks for nothing, e^(2 · 0), for each clip.
  private var zeroQuery: Rows {
    let query = arena.rows(clips, network.sizes.attention)
    query.fill(1)
    return Rows(query)
  }

  /// The mean cross-entropy, in nats; `logits` become its gradient. Adds to `gradient`.
  package func backward(labels: [Int32], gradient: inout ActionNetwork) -> Double {
    precondition(labels.count == clips)
    let sizes = network.sizes
    let rows = steps * clips
    let loss = crossEntropy(
      logits, targets: labels, smoothing: regularization.labelSmoothing, scale: 1 / Float(clips))
    let contextGradient = arena.rows(clips, sizes.width)
    network.output.backward(Rows(context), Rows(logits), into: contextGradient, gradient: &gradient.output)
    dropout(contextGradient, rate: regularization.outputDropout, seed: seed &+ 1)
    let projectedGradient = arena.rows(rows, sizes.projection)
    if let states {
      let (keyGradient, valueGradient) = (
        arena.zeros(rows, sizes.attention), arena.zeros(rows, sizes.width)
      )
      grid.backward(
        zeroQuery, score: network.score, images: owners, weights: Rows(weights),
        contextGradient: Rows(contextGradient), weightsGradient: arena.zeros(clips, steps),
        gradient: AttentionGrid.Gradient(keys: keyGradient, values: valueGradient),
        queryGradient: arena.rows(clips, sizes.attention), scoreGradient: &gradient.score)
      network.key.backward(
        Rows(values), Rows(keyGradient), into: valueGradient, adding: true, gradient: &gradient.key)
      let hiddenGradient = arena.rows(rows, sizes.hidden)
      Self.transpose(Rows(valueGradient), into: hiddenGradient, groups: clips)
      network.recurrent.backward(
        Rows(projected), states, hiddenGradient: hiddenGradient, into: projectedGradient,
        gradient: &gradient.recurrent, arena: arena)
    } else {
      for row in 0..<rows {
        let (target, shared) = (projectedGradient[row], contextGradient[row % clips])
        for unit in 0..<sizes.width { target[unit] = shared[unit] / Float(steps) }
      }
    }
    reluBackward(Rows(projected), projectedGradient)
    network.projection.backward(
      Rows(frames), Rows(projectedGradient), into: nil, gradient: &gradient.projection)
    return loss / Double(clips)
  }

  /// Groups of rows, [groups, members], to [members, groups].
  private static func transpose(_ from: Rows, into target: MutableRows, groups: Int) {
    precondition(from.rows == target.rows && from.columns == target.columns && from.rows % groups == 0)
    let members = from.rows / groups
    for group in 0..<groups {
      for member in 0..<members {
        target[member * groups + group].update(from: from[group * members + member], count: from.columns)
      }
    }
  }
}
