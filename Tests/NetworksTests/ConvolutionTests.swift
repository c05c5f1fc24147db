import Foundation
import Networks
import Tensors
import Testing

@Suite struct ConvolutionTests {
  /// Against PyTorch: `Fixtures/make_convolution_golden.py`.
  @Test func aStridedConvolutionEqualsPyTorch() throws {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/convolution_golden", withExtension: "safetensors"))
    let golden = try SafetensorsFile(path: url.path)
    var none: RandomGenerator?
    var layer = Convolution(channels: 3, outputs: 4, parts: 9, using: &none)
    try layer.load("strided", from: golden)
    let window = SlidingWindow(same: [6, 7], kernel: [3, 3], stride: [2, 2])
    #expect(window.reduced == [3, 4] && window.count == 12)
    let x = try golden.tensor("strided.x")
    let arena = Arena()
    let columns = arena.rows(24, 27)
    var y = Tensor(shape: [2, 3, 4, 4])
    layer.forward(x.rows, window, columns: columns, into: y.mutableRows)
    expectClose(y, try golden.tensor("strided.y"), "y")
    let dy = try golden.tensor("strided.dy")
    var (dx, gradient) = (Tensor(shape: x.shape), layer.zeros)
    layer.backward(
      Rows(columns), dy.rows, window, into: dx.mutableRows, scratch: arena.rows(24, 27),
      gradient: &gradient)
    expectClose(dx, try golden.tensor("strided.dx"), "dx")
    expectClose(gradient.kernel.weight, try golden.tensor("strided.dweight"), "dweight")
    expectClose(gradient.kernel.bias, try golden.tensor("strided.dbias"), "dbias")
  }

  @Test func windowsWithoutABorderStandInside() {
    let window = SlidingWindow(same: [4, 4], kernel: [2, 2], stride: [2, 2])
    #expect(window.before == [0, 0] && window.reduced == [2, 2])
    let seven = SlidingWindow(same: [224, 112], kernel: [7, 7], stride: [2, 2])
    #expect(seven.before == [2, 2] && seven.reduced == [112, 56])
  }
}
