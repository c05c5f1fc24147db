import Models
import Networks
import Scenes
import Tensors
import Testing

/// The network that finds shots against PyTorch: `Fixtures/make_shot_golden.py`.
@Suite struct ShotGoldenTests {
  private static let (stretches, steps) = (2, 4)
  private static let sizes = ShotNetwork.Sizes(channels: [3, 4, 5], embedding: 6, hidden: 4)

  /// As `frame` of the script makes it.
  private static func frame(_ number: Int) -> Thumbnail {
    var values: [UInt8] = []
    for row in 0..<Thumbnail.height {
      for column in 0..<Thumbnail.width {
        for color in 0..<3 {
          let value = row * row * (number + 2) + 7 * column * (color + 1) + 31 * number + row * column
          values.append(UInt8(value % 256))
        }
      }
    }
    return Thumbnail(values: values)
  }

  @Test func logitsLossAndEveryGradientEqualPyTorch() throws {
    let golden = try goldenFile("shot_golden")
    let network = try ShotNetwork(Self.sizes, from: golden)
    let (arena, rows) = (Arena(), Self.stretches * Self.steps)
    let images = arena.rows(rows, ShotNetwork.imageValues)
    for stretch in 0..<Self.stretches {
      let frames = (0..<Self.steps).map { Self.frame(stretch * Self.steps + $0) }
      for (step, frame) in frames.enumerated() {
        ShotNetwork.fill(
          frame, after: frames[max(0, step - 1)], into: images[step * Self.stretches + stretch])
      }
    }
    let embedding = ShotEmbedding(network, images: Rows(images), arena: arena)
    try expectClose(embedding.values.tensor, golden, "embedding")

    let comparisons = try golden.tensor("comparisons", shape: [rows, FrameComparison.count])
    let inputs = arena.rows(rows, Self.sizes.inputs)
    inputs.columns(0..<Self.sizes.embedding).copy(from: Rows(embedding.values))
    inputs.columns(Self.sizes.embedding..<Self.sizes.inputs).copy(from: comparisons.rows)
    let pass = ShotPass(network, inputs: Rows(inputs), stretches: Self.stretches, arena: arena)
    try expectClose(pass.logits.tensor, golden, "logits")

    var gradient = network.zeros
    let inputGradient = arena.rows(rows, Self.sizes.inputs)
    // Step by step, the stretches side by side.
    let loss = pass.backward(
      classes: [0, 3, 1, 0, 2, 0, 0, 4], weights: [1, 3, 0.5, 2, 1.5], total: rows, into: inputGradient,
      gradient: &gradient)
    #expect(abs(loss - Double(try golden.tensor("loss").values[0])) < 1e-5)
    try expectClose(inputGradient.tensor, golden, "inputs", tolerance: 1e-4)

    let embeddingGradient = arena.rows(rows, Self.sizes.embedding)
    embeddingGradient.copy(from: Rows(inputGradient.columns(0..<Self.sizes.embedding)))
    embedding.backward(network, embeddingGradient, gradient: &gradient, arena: arena)
    try expectGradients(gradient, equal: golden)
  }
}
