import Compute
import Tensors
import Testing

@Suite struct ConcatenationTests {
  /// Multiples of a picture, side by side: slices that stand within others, are read later, or are needed twice.
  @Test(arguments: [8, 16, 12], [[6, 5], [3, 4, 5]])
  func keepsTheOrderOfChannels(channels: Int, extent: [Int]) throws {
    var random = Optional(RandomGenerator(seed: 2))
    let picture = Tensor(shape: [channels] + extent, normal: 1, using: &random)
    let graph = InferenceGraph(try Engine())
    let input = try graph.input(channels: channels, extent: extent)
    func scaled(_ source: InferenceGraph.Value, by factor: Float) throws -> InferenceGraph.Value {
      let diagonal = (0..<channels * channels).map { $0 / channels == $0 % channels ? factor : 0 }
      return try graph.convolution(
        source,
        weight: LazyTensor(Tensor(shape: [channels, channels] + extent.map { _ in 1 }, values: diagonal)),
        bias: LazyTensor(Tensor(shape: [channels])), activation: .none)
    }
    let one = try scaled(input, by: 1)
    let two = try scaled(one, by: 2)
    let three = try scaled(input, by: 3)
    let pair = try graph.concatenation([two, one])
    let nested = try graph.concatenation([three, pair])
    let ten = try scaled(two, by: 5)  // reads a slice of a slice
    let again = try graph.concatenation([one, ten, one])  // a slice already, and twice
    let all = try graph.concatenation([nested, again])
    #expect(all.channels == 6 * channels && all.extent == extent)
    try graph.finish(all)
    let worker = try GraphWorker(graph)
    let pixels = extent.reduce(1, *)
    for _ in 0..<2 {
      worker.input.update(from: picture.pointer, count: picture.count)
      worker.run()
      let output = worker.output
      for (place, factor) in [3, 2, 1, 1, 10, 1].enumerated() {
        for channel in 0..<channels {
          for pixel in 0..<pixels {
            let found = output[pixel * 6 * channels + place * channels + channel]
            let expected = Float(factor) * picture.values[channel * pixels + pixel]
            #expect(abs(found - expected) <= 1e-5 * abs(expected))
          }
        }
      }
    }
  }
}
