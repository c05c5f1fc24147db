import Foundation
import Networks
import Tensors
import Testing

/// Against PyTorch: `Fixtures/make_inception_golden.py`.
@Suite struct InceptionModuleTests {
  private static let widths = [3, 4, 5, 2, 3, 4]
  private static let extent = [3, 4, 5]

  private static func golden() throws -> SafetensorsFile {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/inception_golden", withExtension: "safetensors"))
    return try SafetensorsFile(path: url.path)
  }

  @Test func aModuleEqualsPyTorch() throws {
    let golden = try Self.golden()
    var none: RandomGenerator?
    var module = InceptionModule(channels: 5, widths: Self.widths, using: &none)
    try module.load("module", from: golden)
    #expect(module.channels == 5 && module.outputs == 15)
    let x = try golden.tensor("x", shape: [2, 3, 4, 5, 5])
    let pass = InceptionPass(module, x.pointer, clips: 2, extent: Self.extent, arena: Arena())
    let y = Tensor(
      shape: [2, 3, 4, 5, 15], values: Array(UnsafeBufferPointer(start: pass.y, count: 2 * 60 * 15)))
    expectClose(y, try golden.tensor("y"), "y")
    let slope = try golden.tensor("slope")
    var dx = Tensor(shape: x.shape)
    var gradient = module.zeros
    pass.backward(slope.pointer, into: dx.mutablePointer, gradient: &gradient)
    expectClose(dx, try golden.tensor("dx"), "dx")
    for parameter in InceptionModule.parameters {
      expectClose(
        gradient[keyPath: parameter.path], try golden.tensor("d.\(parameter.name)"), parameter.name)
    }
    // The module's gradients are the same where the input needs none.
    var alone = module.zeros
    pass.backward(slope.pointer, into: nil, gradient: &alone)
    for parameter in InceptionModule.parameters {
      #expect(alone[keyPath: parameter.path] == gradient[keyPath: parameter.path], "\(parameter.name)")
    }
  }

  @Test func aStridedConvolutionEqualsPyTorch() throws {
    let golden = try Self.golden()
    var none: RandomGenerator?
    var layer = Convolution(channels: 3, outputs: 4, parts: 27, using: &none)
    try layer.load("strided", from: golden)
    let window = SlidingWindow(same: [5, 6, 7], kernel: [3, 3, 3], stride: [2, 2, 2])
    #expect(window.reduced == [3, 3, 4] && window.count == 36)
    let x = try golden.tensor("strided.x")
    let arena = Arena()
    let columns = arena.floats(36 * 81)
    var y = Tensor(shape: [1, 3, 3, 4, 4])
    layer.forward(x.pointer, images: 1, window, columns: columns, into: y.mutablePointer)
    expectClose(y, try golden.tensor("strided.y"), "y")
    let slope = try golden.tensor("strided.slope")
    var (dx, gradient) = (Tensor(shape: x.shape), layer.zeros)
    layer.backward(
      columns, slope.pointer, images: 1, window, into: dx.mutablePointer,
      scratch: arena.floats(36 * 81), gradient: &gradient)
    expectClose(dx, try golden.tensor("strided.dx"), "dx")
    expectClose(gradient.kernel.weight, try golden.tensor("strided.dweight"), "dweight")
    expectClose(gradient.kernel.bias, try golden.tensor("strided.dbias"), "dbias")
  }

  @Test func aPoolingEqualsPyTorch() throws {
    let golden = try Self.golden()
    let window = SlidingWindow(same: [5, 6, 7], kernel: [1, 3, 3], stride: [1, 2, 2])
    let x = try golden.tensor("pooled.x")
    let arena = Arena()
    let winners = arena.integers(60 * 3)
    let slope = try golden.tensor("pooled.slope")
    var (y, dx) = (Tensor(shape: [1, 5, 3, 4, 3]), Tensor(shape: x.shape))
    MaxPooling.forward(x.pointer, images: 1, channels: 3, window, into: y.mutablePointer, winners: winners)
    expectClose(y, try golden.tensor("pooled.y"), "y")
    MaxPooling.backward(
      slope.pointer, winners: winners, images: 1, channels: 3, window,
      into: dx.mutablePointer)
    expectClose(dx, try golden.tensor("pooled.dx"), "dx")
  }

  /// Half the squared distance from a target, whose gradient is the distance.
  private func loss(
    _ module: InceptionModule, _ x: Tensor, target: Tensor, dx: inout Tensor, gradient: inout InceptionModule
  ) -> Double {
    let pass = InceptionPass(module, x.pointer, clips: 2, extent: Self.extent, arena: Arena())
    var slope = Tensor(shape: target.shape)
    var sum = 0.0
    for index in 0..<target.count {
      let distance = pass.y[index] - target.values[index]
      slope.mutablePointer[index] = distance
      sum += Double(distance * distance) / 2
    }
    pass.backward(slope.pointer, into: dx.mutablePointer, gradient: &gradient)
    return sum
  }

  @Test func gradientsMatchFiniteDifferences() {
    var random = Optional(RandomGenerator(seed: 12))
    let module = InceptionModule(channels: 5, widths: Self.widths, using: &random)
    let x = Tensor(shape: [2, 60, 5], normal: 1, using: &random)
    let target = Tensor(shape: [2, 60, 15], normal: 1, using: &random)
    var (dx, gradient) = (Tensor(shape: x.shape), module.zeros)
    _ = loss(module, x, target: target, dx: &dx, gradient: &gradient)
    var (ignoredX, ignored) = (dx, module.zeros)
    func check(_ name: String, _ found: Float, _ moved: (Float) -> Double) {
      let expected = (moved(1e-3) - moved(-1e-3)) / 2e-3
      #expect(abs(expected - Double(found)) < 2e-2 * max(1, abs(expected)), "\(name): \(found), \(expected)")
    }
    for parameter in InceptionModule.parameters {
      let slope = gradient[keyPath: parameter.path]
      for index in stride(from: 0, to: slope.count, by: max(1, slope.count / 5)) {
        check("\(parameter.name)[\(index)]", slope.values[index]) { by in
          var copy = module
          copy[keyPath: parameter.path].mutablePointer[index] += by
          return loss(copy, x, target: target, dx: &ignoredX, gradient: &ignored)
        }
      }
    }
    for index in stride(from: 0, to: x.count, by: 61) {
      check("x[\(index)]", dx.values[index]) { by in
        var copy = x
        copy.mutablePointer[index] += by
        return loss(module, copy, target: target, dx: &ignoredX, gradient: &ignored)
      }
    }
  }

  @Test func tenClipsAreLearned() {
    var random = Optional(RandomGenerator(seed: 5))
    var module = InceptionModule(channels: 6, widths: [4, 4, 4, 4, 4, 4], using: &random)
    let x = Tensor(shape: [10, 12, 6], normal: 1, using: &random)
    let targets = (0..<10).map { Float($0 % 5) }
    var optimizer = AdamW(module)
    let arena = Arena()
    var loss: Float = 0
    for _ in 0..<300 {
      arena.reset()
      let pass = InceptionPass(module, x.pointer, clips: 10, extent: [3, 2, 2], arena: arena)
      let slope = arena.floats(10 * 12 * 16)
      loss = 0
      // The mean of all that a clip leaves is to be its target.
      for clip in 0..<10 {
        let values = UnsafeBufferPointer(start: pass.y + clip * 192, count: 192)
        let distance = values.reduce(0, +) / 192 - targets[clip]
        loss += distance * distance / 10
        (slope + clip * 192).update(repeating: distance / 192, count: 192)
      }
      var gradient = module.zeros
      pass.backward(slope, into: nil, gradient: &gradient)
      optimizer.update(&module, gradient: gradient, rate: 0.01)
    }
    #expect(loss < 0.01)
  }

  @Test func windowsWithoutABorderStandInside() {
    let window = SlidingWindow(same: [4, 4, 4], kernel: [2, 2, 2], stride: [2, 2, 2])
    #expect(window.before == [0, 0, 0] && window.reduced == [2, 2, 2])
    let seven = SlidingWindow(same: [64, 224, 224], kernel: [7, 7, 7], stride: [2, 2, 2])
    #expect(seven.before == [2, 2, 2] && seven.reduced == [32, 112, 112])
  }
}
