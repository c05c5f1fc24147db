import Foundation
import Networks
import Tensors
import Testing

/// Against PyTorch: `Fixtures/make_recurrent_golden.py`.
@Suite struct RecurrentLayerTests {
  @Test(arguments: RecurrentKind.allCases)
  func equalsPyTorch(kind: RecurrentKind) throws {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/recurrent_golden", withExtension: "safetensors"))
    let golden = try SafetensorsFile(path: url.path)
    var none: RandomGenerator?
    var layer = RecurrentLayer(kind, inputs: 5, width: 6, using: &none)
    try layer.load(String(describing: kind), from: golden)
    let x = try golden.tensor("\(kind).x", shape: [4, 3, 5])
    let arena = Arena()
    let states = layer.forward(x.rows, sequences: 3, arena: arena)
    let hidden = Array(UnsafeBufferPointer(start: states.hidden.base, count: 72))
    expectClose(
      Tensor(shape: [4, 3, 6], values: hidden), try golden.tensor("\(kind).y"), "hidden", tolerance: 1e-5)
    var dy = try golden.tensor("\(kind).dy", shape: [4, 3, 6])
    var dx = Tensor(shape: [4, 3, 5])
    var gradient = layer.zeros
    layer.backward(
      x.rows, states, hiddenGradient: dy.mutableRows, into: dx.mutableRows, gradient: &gradient,
      arena: arena)
    expectClose(dx, try golden.tensor("\(kind).dx"), "dx", tolerance: 1e-5)
    for parameter in layer.parameters {
      let parts = parameter.name.split(separator: ".")
      expectClose(
        gradient[keyPath: parameter.path], try golden.tensor("\(kind).d\(parts[0]).\(parts[1])"),
        parameter.name,
        tolerance: 1e-5)
    }
  }

  @Test(arguments: RecurrentKind.allCases)
  func shapesFollowTheKind(kind: RecurrentKind) {
    var random = Optional(RandomGenerator(seed: 1))
    let layer = RecurrentLayer(kind, inputs: 5, width: 6, using: &random)
    #expect(layer.input.weight.shape == [kind.gates * 6, 5])
    #expect(layer.recurrent.weight.shape == [kind.gates * 6, 6])
    #expect(layer.width == 6)
    #expect(layer.input.bias.values.reduce(0, +) == (kind == .lstm ? 6 : 0))
  }
}
