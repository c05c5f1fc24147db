import Compute
import Tensors
import Testing

/// A convolution with SAME padding by the definition: `x` [channels, side, side] to [outputs, side', side'].
private func reference(
  _ x: [Float], channels: Int, side: Int, weight: Tensor, bias: Tensor, stride: Int, groups: Int
) -> [Float] {
  let (outputs, inputs, kernel) = (weight.shape[0], weight.shape[1], weight.shape[2])
  let size = (side + stride - 1) / stride
  let before = max(0, (size - 1) * stride + kernel - side) / 2
  let (w, b) = (weight.values, bias.values)
  var result: [Float] = []
  for o in 0..<outputs {
    let first = o / (outputs / groups) * inputs
    for row in 0..<size {
      for column in 0..<size {
        var sum = Double(b[o])
        for i in 0..<inputs {
          for ky in 0..<kernel {
            for kx in 0..<kernel {
              let (y, z) = (row * stride + ky - before, column * stride + kx - before)
              guard 0..<side ~= y, 0..<side ~= z else { continue }
              sum +=
                Double(w[((o * inputs + i) * kernel + ky) * kernel + kx])
                * Double(x[((first + i) * side + y) * side + z])
            }
          }
        }
        result.append(Float(sum))
      }
    }
  }
  return result
}

private func clip(_ values: [Float]) -> [Float] { values.map { min(max($0, 0), 6) } }

@Suite struct InferenceGraphTests {
  /// Made ready on two threads for one.
  @Test func whoCompilesItDoesNotMatter() throws {
    var random = Optional(RandomGenerator(seed: 6))
    let weights = [[16, 3, 3, 3], [32, 16, 1, 1], [16, 32, 3, 3]].map {
      Tensor(shape: $0, normal: 0.3, using: &random)
    }
    let picture = Tensor(shape: [3, 12, 12], normal: 1, using: &random)
    let results = try [1, 2, nil].map { compilers in
      let graph = InferenceGraph(try Engine())
      var value = try graph.input(channels: 3, extent: [12, 12])
      for weight in weights {
        value = try graph.convolution(
          value, weight: LazyTensor(weight), bias: LazyTensor(Tensor(shape: [weight.shape[0]])),
          activation: .relu6)
      }
      try graph.finish(value, compilers: compilers)
      let worker = try GraphWorker(graph)
      worker.input.update(from: picture.pointer, count: picture.count)
      worker.run()
      return Array(UnsafeBufferPointer(start: worker.output, count: 16 * 144))
    }
    #expect(results[1] == results[0] && results[2] == results[0])
    #expect(results[0].contains { $0 > 0 })
  }

  /// Stem, inverted residual block and head in small, at sizes whose SAME padding is and is not symmetric.
  @Test(arguments: [12, 13])
  func aBlockEqualsItsDefinition(side: Int) throws {
    var random = Optional(RandomGenerator(seed: 9))
    func layer(_ outputs: Int, _ inputs: Int, _ kernel: Int) -> (weight: Tensor, bias: Tensor) {
      (
        Tensor(shape: [outputs, inputs, kernel, kernel], normal: 0.5, using: &random),
        Tensor(shape: [outputs], normal: 0.5, using: &random)
      )
    }
    let stem = layer(16, 3, 3)
    let expand = layer(32, 16, 1)
    let depthwise = layer(32, 1, 5)
    let project = layer(16, 32, 1)
    let head = layer(24, 16, 1)

    let graph = InferenceGraph(try Engine())
    var value = try graph.input(channels: 3, extent: [side, side])
    value = try graph.convolution(
      value, weight: LazyTensor(stem.weight), bias: LazyTensor(stem.bias), stride: [2, 2], activation: .relu6)
    let input = value
    value = try graph.convolution(
      value, weight: LazyTensor(expand.weight), bias: LazyTensor(expand.bias), activation: .relu6)
    value = try graph.convolution(
      value, weight: LazyTensor(depthwise.weight), bias: LazyTensor(depthwise.bias), groups: 32,
      activation: .relu6)
    value = try graph.convolution(
      value, weight: LazyTensor(project.weight), bias: LazyTensor(project.bias), activation: .none,
      residual: input)
    value = try graph.convolution(
      value, weight: LazyTensor(head.weight), bias: LazyTensor(head.bias), activation: .relu6)
    let size = (side + 1) / 2
    #expect(value.channels == 24 && value.extent == [size, size])
    try graph.finish(value)
    let worker = try GraphWorker(graph)

    for _ in 0..<2 {  // twice: a run must leave nothing behind
      let picture = Tensor(shape: [3, side, side], normal: 1, using: &random)
      worker.input.update(from: picture.pointer, count: picture.count)
      worker.run()
      let a = clip(
        reference(
          picture.values, channels: 3, side: side, weight: stem.weight, bias: stem.bias, stride: 2, groups: 1)
      )
      let b = clip(
        reference(a, channels: 16, side: size, weight: expand.weight, bias: expand.bias, stride: 1, groups: 1)
      )
      let c = clip(
        reference(
          b, channels: 32, side: size, weight: depthwise.weight, bias: depthwise.bias, stride: 1, groups: 32))
      let d = zip(
        reference(
          c, channels: 32, side: size, weight: project.weight, bias: project.bias, stride: 1, groups: 1), a
      ).map(+)
      let e = clip(
        reference(d, channels: 16, side: size, weight: head.weight, bias: head.bias, stride: 1, groups: 1))
      let output = worker.output
      for channel in 0..<24 {
        for position in 0..<size * size {
          let (found, expected) = (output[position * 24 + channel], e[channel * size * size + position])
          #expect(abs(found - expected) < 1e-4 * max(1, abs(expected)))
        }
      }
    }
  }
}
