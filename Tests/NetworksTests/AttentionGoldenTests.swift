import Foundation
import Networks
import Tensors
import Testing

/// The parts of a Transformer against PyTorch: `Fixtures/make_networks_golden.py`.
@Suite struct AttentionGoldenTests {
  private let golden: SafetensorsFile
  private let arena = Arena()

  init() throws {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/networks_golden", withExtension: "safetensors"))
    golden = try SafetensorsFile(path: url.path)
  }

  /// Rows near zero, far from it, and of one value: each by itself, since their gradients are of other magnitudes.
  @Test func layerNorm() throws {
    var layer = LayerNorm(width: 7)
    try layer.load("layer_norm", from: golden)
    let (x, dy) = (try golden.tensor("layer_norm.x", shape: [5, 7]), try golden.tensor("layer_norm.dy"))
    var (y, statistics) = (Tensor(shape: [5, 7]), Tensor(shape: [5, 2]))
    layer.forward(x.rows, into: y.mutableRows, statistics: statistics.mutableRows)
    var (dx, gradient) = (Tensor(shape: [5, 7]), layer.zeros)
    layer.backward(
      x.rows, dy.rows, statistics: statistics.rows, addingTo: dx.mutableRows, gradient: &gradient)
    let (expectedY, expectedDX) = (try golden.tensor("layer_norm.y"), try golden.tensor("layer_norm.dx"))
    for row in 0..<5 {
      expectClose(y.row(row), expectedY.row(row), "y[\(row)]", tolerance: 2e-5)
      expectClose(dx.row(row), expectedDX.row(row), "dx[\(row)]", tolerance: 5e-5)
    }
    expectClose(gradient.weight, try golden.tensor("layer_norm.dweight"), "dweight", tolerance: 2e-5)
    expectClose(gradient.bias, try golden.tensor("layer_norm.dbias"), "dbias")

    // Gradients are added to what is there.
    layer.backward(
      x.rows, dy.rows, statistics: statistics.rows, addingTo: dx.mutableRows, gradient: &gradient)
    expectClose(dx, expectedDX.doubled, "dx added", tolerance: 2e-5)
    expectClose(gradient.bias, try golden.tensor("layer_norm.dbias").doubled, "dbias added")
  }

  /// Two sentences of 4 and 2 words; a word attends to those of its sentence up to itself.
  @Test func causalSelfAttention() throws {
    let layer = try attention("causal", heads: 2, inputs: 8, entries: 8, width: 8)
    let x = try golden.tensor("causal.x", shape: [6, 8])
    let (entries, first, count): ([Int32], [Int32], [Int32]) = (
      [0, 1, 2, 3, 4, 5], [0, 0, 0, 0, 4, 4], [1, 2, 3, 4, 1, 2]
    )
    // The gradients of words as queries and as what is attended to add up.
    var dx = Tensor(shape: [6, 8])
    let rows = dx.mutableRows
    let weights = try expectEqual(
      layer, "causal", x: x, entries: x, list: (entries, first, count), into: rows, entriesGradient: rows)
    expectClose(dx, try golden.tensor("causal.dx"), "dx", tolerance: 2e-5)
    let values = Array(UnsafeBufferPointer(start: weights.base, count: weights.count))
    expectClose(
      Tensor(shape: [6, 2, 4], values: values), try golden.tensor("causal.weights"), "attention weights")
  }

  /// Queries of two images, which share the keys and values of their cells.
  @Test func crossAttention() throws {
    let layer = try attention("crossed", heads: 3, inputs: 7, entries: 4, width: 6)
    let (entries, first, count): ([Int32], [Int32], [Int32]) = (
      [0, 1, 2, 3, 4, 5, 6, 7], [0, 3, 3, 0, 3], [3, 5, 5, 3, 5]
    )
    var (dx, dcells) = (Tensor(shape: [5, 7]), Tensor(shape: [8, 4]))
    _ = try expectEqual(
      layer, "crossed", x: golden.tensor("crossed.x", shape: [5, 7]),
      entries: golden.tensor("crossed.cells", shape: [8, 4]), list: (entries, first, count),
      into: dx.mutableRows, entriesGradient: dcells.mutableRows)
    expectClose(dx, try golden.tensor("crossed.dx"), "dx", tolerance: 2e-5)
    expectClose(dcells, try golden.tensor("crossed.dcells"), "dcells", tolerance: 2e-5)
  }

  /// A layer with the weights under a prefix.
  private func attention(
    _ prefix: String, heads: Int, inputs: Int, entries: Int, width: Int
  ) throws -> MultiHeadAttention<Tensor> {
    var none: RandomGenerator?
    var layer = MultiHeadAttention(
      heads: heads, width: width, query: Linear(inputs: inputs, outputs: width, using: &none),
      key: Linear(inputs: entries, outputs: width, using: &none),
      value: Linear(inputs: entries, outputs: width, using: &none),
      output: Linear(inputs: width, outputs: inputs, using: &none))
    try layer.load(prefix, from: golden)
    return layer
  }

  /// Runs a layer forward and backward; its output and the gradients of its weights are those under a prefix.
  /// - Returns: the attention weights, [rows, heads * entries of the longest list]
  private func expectEqual(
    _ layer: MultiHeadAttention<Tensor>, _ prefix: String, x: Tensor, entries: Tensor,
    list: (entries: [Int32], first: [Int32], count: [Int32]), into dx: MutableRows,
    entriesGradient: MutableRows
  ) throws -> MutableRows {
    let most = Int(list.count.max() ?? 0)
    func kept(_ values: [Int32]) -> UnsafePointer<Int32> {
      let memory = arena.integers(values.count)
      for (index, value) in values.enumerated() { memory[index] = value }
      return UnsafePointer(memory)
    }
    let lists = MultiHeadAttention<Tensor>.Lists(
      entries: kept(list.entries), first: kept(list.first), count: kept(list.count), most: most)
    let trace = MultiHeadAttention<Tensor>.Trace(
      rows: x.rows.rows, entries: entries.rows.rows, most: most, heads: layer.heads, width: layer.width, arena
    )
    var y = Tensor(shape: x.shape)
    trace.weights.fill(.nan)
    layer.remember(entries.rows, in: trace)
    layer.attend(x.rows, lists: lists, trace: trace, into: y.mutableRows)
    expectClose(y, try golden.tensor("\(prefix).y"), "\(prefix) y")

    let dy = try golden.tensor("\(prefix).dy", shape: x.shape)
    var gradient = layer.zeros
    layer.backward(
      x.rows, entries: entries.rows, lists: lists, trace: trace, dy: dy.rows, into: dx,
      entriesGradient: entriesGradient, gradient: &gradient, arena: arena)
    for parameter in gradient.parameters where parameter.name != "key.bias" {
      let name = "\(prefix).d\(parameter.name)"
      expectClose(gradient[keyPath: parameter.path], try golden.tensor(name), name, tolerance: 2e-5)
    }
    // 0 but for rounding: softmax does not see what all keys share.
    #expect(gradient.key.bias.values.allSatisfy { abs($0) < 1e-5 })
    return trace.weights
  }
}

extension Tensor {
  /// One row along the last axis.
  fileprivate func row(_ row: Int) -> Tensor {
    let columns = rows.columns
    return Tensor(shape: [columns], values: Array(values[row * columns..<(row + 1) * columns]))
  }

  fileprivate var doubled: Tensor { Tensor(shape: shape, values: values.map { 2 * $0 }) }
}
