import Networks
import Scenes
import Tensors

/// Finds where one shot goes over into the next: a small convolutional network over each frame and its difference from the
/// one before, beside figures that compare it with those before (`FrameComparison`); a long short-term memory over time in
/// both directions; for each frame the probabilities of no transition and of each kind.
///
/// After TransNetV2 (Souček and Lokoč 2020), with a recurrence in place of its convolutions over time.
package struct ShotNetwork: Learned {
  /// Sizes, all configuration.
  package struct Sizes: Codable, Equatable, Sendable {
    /// Channels after each of the three convolutions.
    package var channels: [Int]
    /// Values that the convolutions leave of a frame.
    package var embedding: Int
    /// Units of the memory, in each direction.
    package var hidden: Int

    package init(channels: [Int] = [16, 32, 64], embedding: Int = 64, hidden: Int = 64) {
      (self.channels, self.embedding, self.hidden) = (channels, embedding, hidden)
    }

    /// Values of a frame that the memory sees.
    package var inputs: Int { embedding + FrameComparison.count }
  }

  package let sizes: Sizes
  /// The frame's colors, and their differences from the frame before.
  package static let inputChannels = 6
  package var first: Convolution
  package var second: Convolution
  package var third: Convolution
  /// From the last convolution's cells: [embedding, cells * channels], followed by ReLU
  package var embedding: Linear
  package var forwards: RecurrentLayer
  package var backwards: RecurrentLayer
  /// [classes, 2 * hidden]
  package var output: Linear

  /// Random weights to start training from; zeros without a generator.
  package init(_ sizes: Sizes, using random: inout RandomGenerator?) {
    precondition(sizes.channels.count == 3)
    self.sizes = sizes
    first = Convolution(channels: Self.inputChannels, outputs: sizes.channels[0], parts: 9, using: &random)
    second = Convolution(channels: sizes.channels[0], outputs: sizes.channels[1], parts: 9, using: &random)
    third = Convolution(channels: sizes.channels[1], outputs: sizes.channels[2], parts: 9, using: &random)
    embedding = Linear(inputs: Self.cells * sizes.channels[2], outputs: sizes.embedding, using: &random)
    forwards = RecurrentLayer(.lstm, inputs: sizes.inputs, width: sizes.hidden, using: &random)
    backwards = RecurrentLayer(.lstm, inputs: sizes.inputs, width: sizes.hidden, using: &random)
    output = Linear(inputs: 2 * sizes.hidden, outputs: TransitionDecoder.classes, using: &random)
  }

  /// Weights read from a file, under the prefix `shots`.
  package init(_ sizes: Sizes, from file: SafetensorsFile) throws(SafetensorsError) {
    var random: RandomGenerator?
    self.init(sizes, using: &random)
    try load("shots", from: file)
  }

  package var parameters: [Parameter<ShotNetwork>] {
    first.parameters(of: "first", at: \.first) + second.parameters(of: "second", at: \.second)
      + third.parameters(of: "third", at: \.third)
      + embedding.parameters(of: "embedding", at: \.embedding)
      + forwards.parameters(of: "forwards", at: \.forwards)
      + backwards.parameters(of: "backwards", at: \.backwards)
      + output.parameters(of: "output", at: \.output)
  }

  /// Of the three convolutions: 3 × 3, every other place, a border of one.
  static let windows: [SlidingWindow] = (0..<3).reduce(into: []) { windows, _ in
    let extent = windows.last?.reduced ?? [1, Thumbnail.height, Thumbnail.width]
    windows.append(
      SlidingWindow(extent: extent, kernel: [1, 3, 3], stride: [1, 2, 2], before: [0, 1, 1]))
  }

  private static var cells: Int { windows[2].count }

  /// Values that `fill` makes of a frame.
  package static let imageValues = Thumbnail.pixels * inputChannels

  /// A frame as the first convolution sees it: [height, width, colors and differences], within ±1.
  package static func fill(
    _ frame: Thumbnail, after before: Thumbnail, into image: UnsafeMutablePointer<Float>
  ) {
    frame.values.withUnsafeBufferPointer { now in
      before.values.withUnsafeBufferPointer { then in
        for pixel in 0..<Thumbnail.pixels {
          for color in 0..<3 {
            let (a, b) = (Float(now[3 * pixel + color]), Float(then[3 * pixel + color]))
            image[6 * pixel + color] = a / 127.5 - 1
            image[6 * pixel + 3 + color] = (a - b) / 127.5
          }
        }
      }
    }
  }
}

/// What the convolutions make of frames, with what their backward pass needs.
package struct ShotEmbedding {
  private let frames: Int
  private let columns: [UnsafeMutablePointer<Float>]
  private let maps: [UnsafeMutablePointer<Float>]
  /// [frames, embedding], after ReLU
  package let values: UnsafeMutablePointer<Float>

  /// - Parameter images: [frames, height, width, 6], by `ShotNetwork.fill`
  package init(_ network: ShotNetwork, images: UnsafePointer<Float>, frames: Int, arena: Arena) {
    self.frames = frames
    var (columns, maps) = ([UnsafeMutablePointer<Float>](), [UnsafeMutablePointer<Float>]())
    var input = images
    for (layer, convolution) in [network.first, network.second, network.third].enumerated() {
      let window = ShotNetwork.windows[layer]
      let cells = frames * window.count
      let unfolded = arena.floats(cells * convolution.kernel.inputs)
      let map = arena.floats(cells * convolution.outputs)
      convolution.forward(input, images: frames, window, columns: unfolded, into: map)
      relu(map, count: cells * convolution.outputs)
      columns.append(unfolded)
      maps.append(map)
      input = UnsafePointer(map)
    }
    values = arena.floats(frames * network.sizes.embedding)
    network.embedding.forward(input, rows: frames, into: values)
    relu(values, count: frames * network.sizes.embedding)
    (self.columns, self.maps) = (columns, maps)
  }

  /// Adds to the gradients of the convolutions.
  /// - Parameter slope: [frames, embedding], gradient of `values`; overwritten
  package func backward(
    _ network: ShotNetwork, _ slope: UnsafeMutablePointer<Float>, gradient: inout ShotNetwork, arena: Arena
  ) {
    reluBackward(values, slope, count: frames * network.sizes.embedding)
    var dy = arena.floats(frames * network.embedding.inputs)
    network.embedding.backward(maps[2], slope, rows: frames, into: dy, gradient: &gradient.embedding)
    let layers: [(Convolution, WritableKeyPath<ShotNetwork, Convolution>)] = [
      (network.first, \.first), (network.second, \.second), (network.third, \.third),
    ]
    for layer in (0..<3).reversed() {
      let (convolution, path) = layers[layer]
      let window = ShotNetwork.windows[layer]
      let cells = frames * window.count
      reluBackward(maps[layer], dy, count: cells * convolution.outputs)
      let needsInput = layer > 0
      let channels = convolution.kernel.inputs / window.parts
      let dx = needsInput ? arena.floats(frames * window.positions * channels) : nil
      convolution.backward(
        columns[layer], dy, images: frames, window, into: dx,
        scratch: needsInput ? arena.floats(cells * convolution.kernel.inputs) : nil,
        gradient: &gradient[keyPath: path])
      if let dx { dy = dx }
    }
  }
}

/// The recurrence and the classification over stretches of equal length.
package struct ShotPass {
  private let network: ShotNetwork
  private let steps: Int
  private let rows: Int
  private let arena: Arena
  private let inputs: UnsafePointer<Float>
  private let reversed: UnsafeMutablePointer<Float>
  private let ahead: RecurrentLayer.States
  private let back: RecurrentLayer.States
  private let joined: UnsafeMutablePointer<Float>
  /// [steps, rows, classes]
  package let logits: UnsafeMutablePointer<Float>

  /// - Parameter inputs: [steps, rows, embedding and comparison]
  package init(
    _ network: ShotNetwork, inputs: UnsafePointer<Float>, steps: Int, rows: Int, arena: Arena
  ) {
    (self.network, self.steps, self.rows, self.arena) = (network, steps, rows, arena)
    let (width, hidden) = (network.sizes.inputs, network.sizes.hidden)
    self.inputs = inputs
    reversed = arena.floats(steps * rows * width)
    Self.reverse(inputs, into: reversed, steps: steps, count: rows * width)
    ahead = network.forwards.forward(inputs, steps: steps, rows: rows, arena: arena)
    back = network.backwards.forward(reversed, steps: steps, rows: rows, arena: arena)
    joined = arena.floats(steps * rows * 2 * hidden)
    for step in 0..<steps {
      for row in 0..<rows {
        let target = joined + (step * rows + row) * 2 * hidden
        target.update(from: ahead.hidden + ((step + 1) * rows + row) * hidden, count: hidden)
        (target + hidden).update(
          from: back.hidden + ((steps - step) * rows + row) * hidden, count: hidden)
      }
    }
    logits = arena.floats(steps * rows * TransitionDecoder.classes)
    network.output.forward(joined, rows: steps * rows, into: logits)
  }

  /// The weighted cross-entropy, in nats a frame; `logits` become its gradient. Adds to `gradient`.
  /// - Parameters:
  ///   - classes: [steps, rows]
  ///   - weights: of each class
  ///   - total: frames of the whole batch, by which the sum is divided
  ///   - inputGradient: [steps, rows, inputs], overwritten
  package func backward(
    classes: [Int32], weights: [Float], total: Int, into inputGradient: UnsafeMutablePointer<Float>,
    gradient: inout ShotNetwork
  ) -> Double {
    let (width, hidden) = (network.sizes.inputs, network.sizes.hidden)
    var loss = 0.0
    for (row, kind) in classes.enumerated() {
      let weight = weights[Int(kind)]
      loss +=
        Double(weight)
        * crossEntropy(
          logits + row * TransitionDecoder.classes, targets: [kind], rows: 1,
          columns: TransitionDecoder.classes, smoothing: 0, scale: weight / Float(total))
    }
    let slope = arena.floats(steps * rows * 2 * hidden)
    network.output.backward(joined, logits, rows: steps * rows, into: slope, gradient: &gradient.output)
    let (forwardSlope, backwardSlope) = (
      arena.floats(steps * rows * hidden), arena.floats(steps * rows * hidden)
    )
    for step in 0..<steps {
      for row in 0..<rows {
        let source = slope + (step * rows + row) * 2 * hidden
        (forwardSlope + (step * rows + row) * hidden).update(from: source, count: hidden)
        (backwardSlope + ((steps - 1 - step) * rows + row) * hidden).update(
          from: source + hidden, count: hidden)
      }
    }
    network.forwards.backward(
      inputs, ahead, hiddenGradient: forwardSlope, into: inputGradient, gradient: &gradient.forwards,
      arena: arena)
    let reversedGradient = arena.floats(steps * rows * width)
    network.backwards.backward(
      reversed, back, hiddenGradient: backwardSlope, into: reversedGradient,
      gradient: &gradient.backwards, arena: arena)
    let upright = arena.floats(steps * rows * width)
    Self.reverse(reversedGradient, into: upright, steps: steps, count: rows * width)
    add(upright, to: inputGradient, count: steps * rows * width)
    return loss / Double(total)
  }

  private static func reverse(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, steps: Int, count: Int
  ) {
    for step in 0..<steps { (y + (steps - 1 - step) * count).update(from: x + step * count, count: count) }
  }
}
