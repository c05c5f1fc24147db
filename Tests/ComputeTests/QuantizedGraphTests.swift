import CKernels
import Compute
import Tensors
import Testing

/// A convolution of the small network below.
private struct Layer {
  let weight: Tensor
  let bias: Tensor

  init(_ outputs: Int, _ inputs: Int, _ kernel: Int, _ random: inout RandomGenerator?) {
    let deviation = (2 / Float(inputs * kernel * kernel)).squareRoot()
    weight = Tensor(shape: [outputs, inputs, kernel, kernel], normal: deviation, using: &random)
    bias = Tensor(shape: [outputs], normal: 0.5, using: &random)
  }
}

/// Stem, a linear layer to which the stem is added, an inverted residual block, and head.
private struct SmallNetwork {
  let side: Int
  let layers: [Layer]

  init(side: Int) {
    var random = Optional(RandomGenerator(seed: 4))
    self.side = side
    layers = [(16, 3, 3), (16, 16, 1), (32, 16, 1), (32, 1, 5), (16, 32, 1), (24, 16, 1)].map {
      Layer($0.0, $0.1, $0.2, &random)
    }
  }

  /// - Parameter ranges: the largest magnitudes of the two linear layers' outputs; nil is single precision throughout.
  func worker(ranges: [Float]?) throws -> GraphWorker {
    let graph = InferenceGraph(try Engine())
    func add(
      _ layer: Int, _ source: InferenceGraph.Value, stride: Int = 1, groups: Int = 1,
      residual: InferenceGraph.Value? = nil, range: Float? = nil
    ) throws -> InferenceGraph.Value {
      let isLinear = layer == 1 || layer == 4
      let quantized = isLinear ? range.map { NumberFormat.centered(step: $0 / 127) } : .clipped
      return try graph.convolution(
        source, weight: LazyTensor(layers[layer].weight), bias: LazyTensor(layers[layer].bias),
        stride: [stride, stride], groups: groups, activation: isLinear ? .none : .relu6, residual: residual,
        format: ranges == nil || layer == 0 || layer == 5 ? .single : quantized ?? .single)
    }
    var stem = try add(0, graph.input(channels: 3, extent: [side, side]), stride: 2)
    if ranges != nil { stem = try graph.converted(stem, to: .clipped) }
    let linear = try add(1, stem, residual: stem, range: ranges?[0])
    if ranges == nil { try graph.observe(linear) }
    var value = try add(3, add(2, linear), groups: 32)
    value = try add(4, value, residual: linear, range: ranges?[1])
    if ranges == nil { try graph.observe(value) }
    value = try add(5, value)
    try graph.finish(value)
    return try GraphWorker(graph)
  }
}

@Suite struct QuantizedGraphTests {
  /// Depthwise, and residual sums of numbers with and without a sign.
  @Test(arguments: [12, 13]) func itIsNearSinglePrecision(side: Int) throws {
    let network = SmallNetwork(side: side)
    var random = Optional(RandomGenerator(seed: 5))
    let picture = Tensor(shape: [3, side, side], normal: 1, using: &random)
    let single = try network.worker(ranges: nil)
    let count = (side + 1) / 2 * ((side + 1) / 2) * 24
    func run(_ worker: GraphWorker) -> [Float] {
      worker.input.update(from: picture.pointer, count: picture.count)
      worker.run()
      return Array(UnsafeBufferPointer(start: worker.output, count: count))
    }
    let expected = run(single)
    let ranges = single.observed.map { $0.map(abs).max() ?? 0 }
    #expect(ranges.count == 2 && ranges.allSatisfy { $0 > 1 })

    var results: [[Float]] = []
    for threads in [1, 2] {
      let worker = try ThreadTeam(threads).run { try network.worker(ranges: ranges) }
      results.append(run(worker))
      #expect(run(worker) == results[0])  // a run leaves nothing behind
    }
    #expect(results[0] == results[1])
    let errors = zip(results[0], expected).map { abs($0 - $1) }
    let power = expected.map { $0 * $0 }.reduce(0, +)
    #expect(try #require(errors.max()) < 0.3)
    #expect(errors.map { $0 * $0 }.reduce(0, +) < 4e-4 * power)
    #expect(results[0] != expected)
  }

  /// The largest bytes by the largest weights of either sign: a sum of two products must not be cut to 16 bits.
  @Test(arguments: [0.5, -0.5] as [Float]) func theLargestProductsAreNotCut(largest: Float) throws {
    let graph = InferenceGraph(try Engine())
    var value = try graph.converted(graph.input(channels: 32, extent: [4, 4]), to: .clipped)
    // Neighbors both large, one large, and of different signs.
    let patterns: [[Float]] = [[1, 1], [1, 0.125], [1, -1, 1, 0], [0.5, 1, 1, 0.5]]
    let rows = (0..<16).map { output in
      (0..<32).map { patterns[output % 4][$0 % patterns[output % 4].count] * largest }
    }
    value = try graph.convolution(
      value, weight: LazyTensor(Tensor(shape: [16, 32, 1, 1], values: rows.flatMap(\.self))),
      bias: LazyTensor(Tensor(shape: [16])), activation: .none)
    try graph.finish(value)
    let worker = try GraphWorker(graph)
    worker.input.update(repeating: 6, count: 32 * 16)
    worker.run()
    for index in 0..<16 * 16 {
      let expected = 6 * rows[index % 16].reduce(0, +)
      #expect(abs(worker.output[index] - expected) < 0.02 * abs(expected))
    }
  }

  /// Where sums of two products are cut, neighbors of one sign share the bytes; elsewhere the largest weight has them all.
  @Test(
    arguments: [
      ([1, 1, 0.5, -1], 2 / 127.4), ([1, -1], 1 / 127.0), ([0.25, 0.5, -0.75, -0.5, 2], 2 / 127.0),
    ] as [([Float], Float)])
  func neighborsOfOneSignShareTheBytes(weights: [Float], step: Float) {
    let largest = weights.map(abs).max() ?? 0
    #expect(abs(narrate_quantization_step(weights, weights.count, 1, 1) - step) < 1e-7)
    #expect(abs(narrate_quantization_step(weights, weights.count, 1, 0) - largest / 127) < 1e-7)
  }

  /// Of a convolution of bytes without an activation function: channel after channel at one place.
  private func outputs(_ rows: [[Float]], bias: [Float], format: NumberFormat) throws -> [Float] {
    let graph = InferenceGraph(try Engine())
    let inputs = rows[0].count
    var value = try graph.converted(graph.input(channels: inputs, extent: [1, 1]), to: .clipped)
    value = try graph.convolution(
      value, weight: LazyTensor(Tensor(shape: [rows.count, inputs, 1, 1], values: rows.flatMap(\.self))),
      bias: LazyTensor(Tensor(shape: [rows.count], values: bias)), activation: .none, format: format)
    try graph.finish(value)
    let worker = try GraphWorker(graph)
    worker.input.update(repeating: 3, count: inputs)
    worker.run()
    // A graph's end knows the bytes' step, not their zero.
    return (0..<rows.count).map { worker.output[$0] - format.zero * format.step }
  }

  private static let formats: [NumberFormat] = [.single, .centered(step: 8 / 127)]

  /// Where there is one channel, its factor is the channel's all the same.
  @Test(arguments: formats) func oneChannelHasItsFactor(format: NumberFormat) throws {
    let found = try outputs([(0..<32).map { Float($0 - 12) / 100 }], bias: [0.25], format: format)
    #expect(abs(found[0] - (0.25 + 3 * 1.12)) < 0.1)
  }

  /// A step so small that a bias divided by it were infinite.
  @Test(arguments: formats) func weightsOfNextToNothingLeaveTheBias(format: NumberFormat) throws {
    let sizes: [Float] = [
      0, .leastNonzeroMagnitude, Float.leastNormalMagnitude / 100, .leastNormalMagnitude, 1e-36, 1e-31, 1e-28,
      1,
    ]
    let rows = sizes.map { size in (0..<32).map { size * ($0 % 2 == 0 ? 1 : -1) } }
    let found = try outputs(rows, bias: sizes.map { _ in 2.5 }, format: format)
    #expect(found.allSatisfy { abs($0 - 2.5) < 0.04 }, "\(found)")
  }

  /// What lies outside of the bytes' range ends at its ends.
  @Test func conversionsRoundAndSaturate() throws {
    let graph = InferenceGraph(try Engine())
    try graph.finish(graph.converted(graph.input(channels: 8, extent: [1, 1]), to: .clipped))
    let worker = try GraphWorker(graph)
    let values: [Float] = [0, 1.2, -1.2, 100, -100, 3, 6, 7]
    worker.input.update(from: values, count: 8)
    worker.run()
    let clipped = Array(UnsafeBufferPointer(start: worker.output, count: 8))
    #expect(zip(clipped, [0, 1.2, 0, 6, 0, 3, 6, 6]).allSatisfy { abs($0 - $1) <= 0.5 * 6 / 255 + 1e-5 })
  }
}
