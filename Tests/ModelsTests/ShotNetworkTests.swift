import Compute
import Glibc
import Models
import Networks
import Scenes
import Tensors
import Testing

@Suite struct ShotNetworkTests {
  private static let sizes = ShotNetwork.Sizes(channels: [3, 4, 5], embedding: 6, hidden: 4)

  private static func network(_ seed: UInt64) -> ShotNetwork {
    var random = Optional(RandomGenerator(seed: seed))
    var network = ShotNetwork(sizes, using: &random)
    // Biases away from zero, so that no unit sits on the corner of a ReLU.
    for parameter in network.parameters where parameter.name.hasSuffix("bias") {
      network[keyPath: parameter.path] = Tensor(
        shape: network[keyPath: parameter.path].shape, uniform: 0.3, using: &random)
    }
    return network
  }

  private static func frames(_ count: Int, _ seed: UInt64) -> [Thumbnail] {
    var random = RandomGenerator(seed: seed)
    return (0..<count).map { _ in
      Thumbnail(
        values: (0..<Thumbnail.pixels * 3).map { _ in UInt8(truncatingIfNeeded: random.next() >> 13) })
    }
  }

  /// Frames of one color each, with a little noise.
  private static func shades(_ count: Int, _ seed: UInt64) -> [Thumbnail] {
    var random = RandomGenerator(seed: seed)
    return (0..<count).map { _ in
      let color = (0..<3).map { _ in random.integer(below: 200) }
      return Thumbnail(
        values: (0..<Thumbnail.pixels * 3).map { UInt8(color[$0 % 3] + random.integer(below: 50)) })
    }
  }

  /// The loss over one stretch of random frames and, if wanted, its gradient.
  private static func loss(_ network: ShotNetwork, gradient: inout ShotNetwork) -> Double {
    let frames = frames(5, 9)
    let arena = Arena()
    let images = arena.rows(frames.count, ShotNetwork.imageValues)
    let inputs = arena.rows(frames.count, sizes.inputs)
    var comparison = FrameComparison()
    for (step, frame) in frames.enumerated() {
      ShotNetwork.fill(
        frame, after: frames[max(0, step - 1)], into: images[step])
      for (index, value) in comparison.append(frame).enumerated() {
        inputs[step][sizes.embedding + index] = value
      }
    }
    let embedding = ShotEmbedding(network, images: Rows(images), arena: arena)
    inputs.columns(0..<sizes.embedding).copy(from: Rows(embedding.values))
    let pass = ShotPass(network, inputs: Rows(inputs), stretches: 1, arena: arena)
    let inputGradient = arena.rows(frames.count, sizes.inputs)
    let loss = pass.backward(
      classes: [0, 1, 2, 0, 4], weights: [1, 3, 1, 1, 1], total: frames.count, into: inputGradient,
      gradient: &gradient)
    let embeddingGradient = arena.rows(frames.count, sizes.embedding)
    embeddingGradient.copy(from: Rows(inputGradient.columns(0..<sizes.embedding)))
    embedding.backward(network, embeddingGradient, gradient: &gradient, arena: arena)
    return loss
  }

  @Test func gradientsEqualFiniteDifferences() {
    let network = Self.network(3)
    var (gradient, ignored) = (network.zeros, network.zeros)
    _ = Self.loss(network, gradient: &gradient)
    for parameter in network.parameters {
      let computed = gradient[keyPath: parameter.path].values
      let largest = computed.indices.max { abs(computed[$0]) < abs(computed[$1]) } ?? 0
      for index in Set([largest, computed.count / 2]) {
        func shifted(_ shift: Float) -> Double {
          var copy = network
          copy[keyPath: parameter.path].mutablePointer[index] += shift
          return Self.loss(copy, gradient: &ignored)
        }
        let step: Float = 2e-3
        let numeric = (shifted(step) - shifted(-step)) / Double(2 * step)
        #expect(
          abs(numeric - Double(computed[index])) < 2e-3 + 0.03 * abs(numeric),
          "\(parameter.name)[\(index)]: \(computed[index]), by differences \(numeric)")
      }
    }
  }

  /// A network whose memory forgets at once, and that knows no transitions but cuts.
  private static func forgetful() -> ShotNetwork {
    var network = network(5)
    for path in [\ShotNetwork.memory.forwards, \.memory.backwards] {
      network[keyPath: path].recurrent.weight.fill(0)
      let bias = network[keyPath: path].input.bias.mutablePointer
      for unit in 0..<sizes.hidden { bias[sizes.hidden + unit] = -100 }
    }
    network.output.bias = Tensor(shape: [TransitionDecoder.classes], values: [10, 10, 0, 0, 0])
    return network
  }

  /// What a network says of all frames at once: the probabilities of each.
  private static func probabilities(_ network: ShotNetwork, _ frames: [Thumbnail]) -> [[Float]] {
    let arena = Arena()
    let images = arena.rows(frames.count, ShotNetwork.imageValues)
    let inputs = arena.rows(frames.count, sizes.inputs)
    var comparison = FrameComparison()
    for (step, frame) in frames.enumerated() {
      ShotNetwork.fill(frame, after: frames[max(0, step - 1)], into: images[step])
      for (index, value) in comparison.append(frame).enumerated() {
        inputs[step][sizes.embedding + index] = value
      }
    }
    let embedding = ShotEmbedding(network, images: Rows(images), arena: arena)
    inputs.columns(0..<sizes.embedding).copy(from: Rows(embedding.values))
    let logits = ShotPass(network, inputs: Rows(inputs), stretches: 1, arena: arena).logits
    logSoftmax(logits)
    return frames.indices.map { step in (0..<TransitionDecoder.classes).map { exp(logits[step][$0]) } }
  }

  /// However long a stream is, each frame is told once, and as in the whole video at once where no memory reaches further.
  @Test(arguments: [1, 2, 23, 24, 25, 95, 96, 97, 143, 144, 300])
  func everyFrameOfAStreamIsToldOnce(count: Int) {
    let (network, frames) = (Self.forgetful(), Self.shades(count, 4))
    let rows = Self.probabilities(network, frames)
    // Between those of two frames in the middle: half of all frames are said to be in a transition.
    let inside = rows.map { 1 - $0[0] }.sorted()
    let threshold = (inside[count / 2] + inside[max(0, count / 2 - 1)]) / 2
    let detector = ShotDetector(network, threshold: threshold)
    var decoder = TransitionDecoder(threshold: threshold)
    for (row, frame) in zip(rows, frames) {
      detector.append(frame)
      row.withUnsafeBufferPointer { decoder.append($0, frame) }
    }
    detector.finish()
    decoder.finish()
    #expect(detector.settled == count)
    #expect(count < 23 || decoder.transitions.count > count / 10)
    #expect(detector.transitions.map(\.first) == decoder.transitions.map(\.first))
    for (found, wanted) in zip(detector.transitions, decoder.transitions) {
      #expect(found.kind == .cut && abs(found.confidence - wanted.confidence) < 1e-4)
    }
  }

  @Test func convolutionsHaveTheirShapes() {
    var random = Optional(RandomGenerator(seed: 8))
    let layer = Convolution(channels: 2, outputs: 3, parts: 9, using: &random)
    let x = Tensor(shape: [1, 5, 4, 2], normal: 1, using: &random)
    let arena = Arena()
    let (columns, y) = (arena.rows(6, 18), arena.rows(6, 3))
    let window = SlidingWindow(extent: [5, 4], kernel: [3, 3], stride: [2, 2], before: [1, 1])
    layer.forward(x.rows, window, columns: columns, into: y)
    // By the definition.
    let (values, weights) = (x.values, layer.kernel.weight.values)
    for row in 0..<3 {
      for column in 0..<2 {
        for output in 0..<3 {
          var sum = layer.kernel.bias.values[output]
          for part in 0..<9 {
            let (v, u) = (2 * row - 1 + part / 3, 2 * column - 1 + part % 3)
            guard 0..<5 ~= v, 0..<4 ~= u else { continue }
            for channel in 0..<2 {
              sum += values[(v * 4 + u) * 2 + channel] * weights[output * 18 + part * 2 + channel]
            }
          }
          #expect(abs(y[row * 2 + column][output] - sum) < 1e-5)
        }
      }
    }
  }
}
