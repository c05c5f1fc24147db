import Compute
import Foundation
import Models
import Networks
import Tensors
import Testing

/// A small encoder against PyTorch (`Fixtures/make_encoder_gradients.py`) and against finite differences.
@Suite struct ConvolutionPassTests {
  private static let layers: [EfficientNetLite.Layer] = [
    EfficientNetLite.Layer(name: "stem", weightShape: [8, 3, 3, 3], stride: 2),
    EfficientNetLite.Layer(
      name: "blocks.0.depthwise", weightShape: [8, 1, 3, 3], groups: 8, opensBlock: true),
    EfficientNetLite.Layer(name: "blocks.0.project", weightShape: [16, 8, 1, 1], clipped: false),
    EfficientNetLite.Layer(name: "blocks.1.expand", weightShape: [40, 16, 1, 1], opensBlock: true),
    EfficientNetLite.Layer(name: "blocks.1.depthwise", weightShape: [40, 1, 5, 5], stride: 2, groups: 40),
    EfficientNetLite.Layer(name: "blocks.1.project", weightShape: [16, 40, 1, 1], clipped: false),
    EfficientNetLite.Layer(name: "blocks.2.expand", weightShape: [40, 16, 1, 1], opensBlock: true),
    EfficientNetLite.Layer(name: "blocks.2.depthwise", weightShape: [40, 1, 3, 3], groups: 40),
    EfficientNetLite.Layer(
      name: "blocks.2.project", weightShape: [16, 40, 1, 1], clipped: false, addsResidual: true),
    EfficientNetLite.Layer(name: "head", weightShape: [24, 16, 1, 1]),
  ]

  private static func golden() throws -> SafetensorsFile {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/encoder_gradients", withExtension: "safetensors"))
    return try SafetensorsFile(path: url.path)
  }

  /// The largest difference, as a share of the largest expected magnitude.
  private static func error(_ rows: Rows, _ expected: Tensor) -> Float {
    let (found, values) = ([Float](rows), expected.values)
    guard found.count == values.count else { return .infinity }
    let differences = values.indices.map { abs(found[$0] - values[$0]) }
    return (differences.contains(where: \.isNaN) ? .infinity : differences.max() ?? 0)
      / max(1e-3, values.map(abs).max() ?? 0)
  }

  @Test(arguments: [1, 2]) func layersEqualPyTorch(threads: Int) throws {
    try ThreadTeam(threads).run(layersEqualPyTorch)
  }

  private func layersEqualPyTorch() throws {
    let golden = try Self.golden()
    let weights = try EncoderWeights(Self.layers, from: golden)
    let pass = ConvolutionPass(Self.layers, extent: [13, 13], images: 2)
    let (pixels, dy) = (try golden.tensor("pixels", shape: [2, 169, 3]), try golden.tensor("dy"))
    #expect(Self.error(pass.forward(pixels.rows, weights), try golden.tensor("y")) < 1e-5)
    var gradient = weights.zeros
    pass.backward(dy.rows, weights, gradient: &gradient)
    for parameter in weights.parameters {
      let found = gradient[keyPath: parameter.path]
      let expected = try golden.tensor("gradient.\(parameter.name)", shape: found.shape)
      #expect(Self.error(found.rows, expected) < 1e-5, "\(parameter.name)")
    }
    // Gradients are added to those that are there.
    pass.backward(dy.rows, weights, gradient: &gradient)
    for parameter in weights.parameters {
      let once = try golden.tensor("gradient.\(parameter.name)")
      let twice = Tensor(shape: once.shape, values: once.values.map { 2 * $0 })
      #expect(Self.error(gradient[keyPath: parameter.path].rows, twice) < 1e-5, "twice \(parameter.name)")
    }
  }

  /// The last layers alone, and the gradient of what they are given.
  @Test func aResidualBlockEqualsPyTorch() throws {
    let golden = try Self.golden()
    let layers = Array(Self.layers[6...])
    let weights = try EncoderWeights(layers, from: golden)
    let pass = ConvolutionPass(layers, extent: [4, 4], images: 2)
    let (x, dy) = (try golden.tensor("block.x", shape: [2, 16, 16]), try golden.tensor("dy"))
    #expect(Self.error(pass.forward(x.rows, weights), try golden.tensor("y")) < 1e-5)
    var (dx, gradient) = (Tensor(shape: x.shape), weights.zeros)
    pass.backward(dy.rows, weights, gradient: &gradient, into: dx.mutableRows)
    #expect(Self.error(dx.rows, try golden.tensor("block.dx")) < 1e-5)
    for parameter in weights.parameters {
      let expected = try golden.tensor("gradient.\(parameter.name)")
      #expect(Self.error(gradient[keyPath: parameter.path].rows, expected) < 1e-5, "\(parameter.name)")
    }
  }

  /// Sizes whose SAME padding is and is not symmetric. Biases keep most activations far from ReLU6's limits, some below,
  /// some above: the loss is linear in each weight but where one crosses a limit. Of the slopes on the two sides, one
  /// is then still right.
  @Test(arguments: [[8, 8], [9, 7]]) func gradientsMatchFiniteDifferences(extent: [Int]) throws {
    var random = Optional(RandomGenerator(seed: 21))
    var weights = EncoderWeights(Self.layers, using: &random)
    for index in weights.layers.indices {
      let (weight, count) = (weights.layers[index].weight, weights.layers[index].bias.count)
      weights.layers[index].weight = Tensor(shape: weight.shape, values: weight.values.map { 0.4 * $0 })
      let biases: [Float] = [3, 3, -3, 3, 9, 3, 3, 3]
      weights.layers[index].bias = Tensor(shape: [count], values: (0..<count).map { biases[$0 % 8] })
    }
    let pass = ConvolutionPass(Self.layers, extent: extent, images: 3)
    let x = Tensor(shape: [3, extent[0] * extent[1], 3], normal: 1, using: &random)
    let positions = ((extent[0] + 3) / 4) * ((extent[1] + 3) / 4)
    let dy = Tensor(shape: [3, positions, 24], normal: 1, using: &random)
    func loss(_ weights: EncoderWeights) -> Double {
      let y = pass.forward(x.rows, weights)
      return zip([Float](y), dy.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    var gradient = weights.zeros
    _ = loss(weights)
    pass.backward(dy.rows, weights, gradient: &gradient)
    for parameter in weights.parameters {
      let computed = gradient[keyPath: parameter.path].values
      let largest = Double(computed.map(abs).max() ?? 0)
      #expect(largest > 0, "\(parameter.name)")
      for index in stride(from: 0, to: computed.count, by: max(1, computed.count / 9)) {
        func moved(_ by: Float) -> Double {
          var copy = weights
          copy[keyPath: parameter.path].mutablePointer[index] += by
          return loss(copy)
        }
        let (here, found) = (loss(weights), Double(computed[index]))
        let sides = [(moved(0.01) - here) / 0.01, (here - moved(-0.01)) / 0.01]
        let errors = sides.map { abs($0 - found) }
        #expect(
          min(errors[0], errors[1]) < 2e-2 * largest, "\(parameter.name)[\(index)]: \(found), \(sides)")
      }
    }
  }
}
