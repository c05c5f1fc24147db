import Compute
import Tensors
import Testing

/// A convolution of stride 1 with SAME padding by the definition, in double precision: `x` [channels] + extent, and the
/// result extent + [outputs].
private func reference(_ x: [Float], extent: [Int], weight: Tensor, bias: Tensor, activation: Activation)
  -> [Double]
{
  let (frames, height, width) = (extent[0], extent[1], extent[2])
  let (outputs, inputs) = (weight.shape[0], weight.shape[1])
  let (taps, w, b) = (weight.shape.count == 5 ? weight.shape[2] : 1, weight.values, bias.values)
  var result = [Double](repeating: 0, count: frames * height * width * outputs)
  for o in 0..<outputs {
    for t in 0..<frames {
      for y in 0..<height {
        for z in 0..<width {
          var sum = Double(b[o])
          for kt in 0..<taps where 0..<frames ~= t + kt - taps / 2 {
            for ky in 0..<3 where 0..<height ~= y + ky - 1 {
              for kz in 0..<3 where 0..<width ~= z + kz - 1 {
                let pixel = ((t + kt - taps / 2) * height + y + ky - 1) * width + z + kz - 1
                for i in 0..<inputs {
                  sum +=
                    Double(w[(((o * inputs + i) * taps + kt) * 3 + ky) * 3 + kz])
                    * Double(x[i * frames * height * width + pixel])
                }
              }
            }
          }
          let range: ClosedRange<Double> =
            switch activation {
            case .none: -.infinity ... .infinity
            case .relu: 0 ... .infinity
            case .relu6: 0...6
            }
          result[((t * height + y) * width + z) * outputs + o] =
            min(max(sum, range.lowerBound), range.upperBound)
        }
      }
    }
  }
  return result
}

@Suite struct WinogradConvolutionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let extent: [Int]
    let inputs: Int
    let outputs: Int
    var taps = 3
    let activation: Activation
    /// A convolution of 1 × 1 before it, so that the source stands in the layout that oneDNN chose.
    var follows = false

    var testDescription: String { "\(extent) \(inputs) -> \(outputs), \(activation)" }
  }

  private static let cases = [
    Case(extent: [12, 7, 9], inputs: 64, outputs: 72, activation: .relu),
    Case(extent: [5, 14, 14], inputs: 72, outputs: 64, activation: .none),
    Case(extent: [33, 5, 5], inputs: 16, outputs: 16, activation: .relu6, follows: true),
    Case(extent: [6, 16, 13], inputs: 24, outputs: 40, activation: .relu, follows: true),
    Case(extent: [16, 8, 9], inputs: 16, outputs: 24, taps: 1, activation: .none),
    Case(extent: [300, 4, 3], inputs: 16, outputs: 8, taps: 5, activation: .none),
    Case(extent: [37, 41], inputs: 32, outputs: 24, taps: 1, activation: .relu, follows: true),
  ]

  private static func output(
    _ test: Case, threads: Int, _ picture: Tensor, _ layers: [(Tensor, Tensor)]
  ) throws -> (values: [Float], implementations: [String]) {
    try ThreadTeam(threads).run { try output(test, picture, layers) }
  }

  private static func output(
    _ test: Case, _ picture: Tensor, _ layers: [(Tensor, Tensor)]
  ) throws -> (values: [Float], implementations: [String]) {
    let graph = InferenceGraph(try Engine())
    var value = try graph.input(channels: test.inputs, extent: test.extent)
    for (number, layer) in layers.enumerated() {
      let last = number == layers.count - 1
      value = try graph.convolution(
        value, weight: LazyTensor(layer.0), bias: LazyTensor(layer.1),
        activation: last ? test.activation : .none)
    }
    try graph.finish(value)
    let worker = try GraphWorker(graph)
    let count = test.outputs * test.extent.reduce(1, *)
    var results: [[Float]] = []
    for _ in 0..<2 {  // twice: a run must leave nothing behind
      worker.input.update(from: picture.pointer, count: picture.count)
      worker.run()
      results.append(Array(UnsafeBufferPointer(start: worker.output, count: count)))
    }
    #expect(results[0] == results[1])
    return (results[1], graph.implementations)
  }

  @Test(arguments: cases) func equalsItsDefinition(test: Case) throws {
    var random = Optional(RandomGenerator(seed: 4))
    let clip = test.extent.count == 3
    let kernel = clip ? [test.taps, 3, 3] : [3, 3]
    let weight = Tensor(shape: [test.outputs, test.inputs] + kernel, normal: 0.1, using: &random)
    let bias = Tensor(shape: [test.outputs], normal: 0.5, using: &random)
    let picture = Tensor(shape: [test.inputs] + test.extent, normal: 1, using: &random)
    var layers = [(weight, bias)]
    if test.follows {
      // The identity.
      let ones = (0..<test.inputs * test.inputs).map { Float($0 / test.inputs == $0 % test.inputs ? 1 : 0) }
      let shape = [test.inputs, test.inputs] + kernel.map { _ in 1 }
      layers.insert((Tensor(shape: shape, values: ones), Tensor(shape: [test.inputs])), at: 0)
    }
    let one = try Self.output(test, threads: 1, picture, layers)
    #expect(one.implementations.contains("winograd"))
    let expected = reference(
      picture.values, extent: clip ? test.extent : [1] + test.extent, weight: weight, bias: bias,
      activation: test.activation)
    let worst = zip(one.values, expected).map { $0.isNaN ? .infinity : abs(Double($0) - $1) }.max()
    #expect(try #require(worst) < 3e-5 * (expected.map(abs).max() ?? 0))
    let two = try Self.output(test, threads: 2, picture, layers)
    let many = try Self.output(test, threads: 5, picture, layers)
    #expect(one.values == two.values && one.values == many.values, "the same for any number of threads")
  }

  /// What it does not serve takes oneDNN's way: a stride, groups, few channels or tiles, an odd number of channels.
  @Test func othersStayDirect() throws {
    func implementations(
      _ weight: [Int], _ extent: [Int], stride: [Int]? = nil, groups: Int = 1
    ) throws -> [String] {
      let graph = InferenceGraph(try Engine())
      let source = try graph.input(channels: weight[1] * groups, extent: extent)
      let value = try graph.convolution(
        source, weight: LazyTensor(Tensor(shape: weight)), bias: LazyTensor(Tensor(shape: [weight[0]])),
        stride: stride,
        groups: groups, activation: .relu)
      try graph.finish(value)
      return graph.implementations
    }
    #expect(try implementations([16, 16, 3, 3], [64, 64]).contains("winograd"))
    #expect(try !implementations([16, 16, 3, 3], [64, 64], stride: [2, 2]).contains("winograd"))
    #expect(try !implementations([32, 16, 3, 3], [64, 64], groups: 2).contains("winograd"))
    #expect(try !implementations([16, 16, 5, 5], [64, 64]).contains("winograd"))
    #expect(try !implementations([16, 8, 3, 3], [64, 64]).contains("winograd"))
    #expect(try !implementations([12, 16, 3, 3], [64, 64]).contains("winograd"))
    #expect(try !implementations([16, 16, 3, 3], [16, 16]).contains("winograd"))
  }
}
