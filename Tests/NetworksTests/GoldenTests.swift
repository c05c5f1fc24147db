import Foundation
import Networks
import Tensors
import Testing

/// Layers against PyTorch: `Fixtures/make_networks_golden.py`.
@Suite struct GoldenTests {
  private let golden: SafetensorsFile

  init() throws {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/networks_golden", withExtension: "safetensors"))
    golden = try SafetensorsFile(path: url.path)
  }

  @Test func linear() throws {
    let layer = Linear(weight: try golden.tensor("linear.weight"), bias: try golden.tensor("linear.bias"))
    let (x, dy) = (try golden.tensor("linear.x"), try golden.tensor("linear.dy"))
    var y = Tensor(shape: [5, 3])
    layer.forward(x.rows, into: y.mutableRows)
    expectClose(y, try golden.tensor("linear.y"), "y")
    var dx = Tensor(shape: [5, 7])
    var gradient = layer.zeros
    layer.backward(x.rows, dy.rows, into: dx.mutableRows, gradient: &gradient)
    expectClose(dx, try golden.tensor("linear.dx"), "dx")
    expectClose(gradient.weight, try golden.tensor("linear.dweight"), "dweight")
    expectClose(gradient.bias, try golden.tensor("linear.dbias"), "dbias")
    layer.backward(x.rows, dy.rows, into: dx.mutableRows, adding: true, gradient: &gradient)
    let once = try golden.tensor("linear.dx").values
    expectClose(dx, Tensor(shape: [5, 7], values: once.map { 2 * $0 }), "dx added")
  }

  @Test func lstm() throws {
    var gates = try golden.tensor("lstm.gates", shape: [3, 16])
    let before = try golden.tensor("lstm.cell_before", shape: [3, 4])
    var (cell, hidden) = (Tensor(shape: [3, 4]), Tensor(shape: [3, 4]))
    // It reads no products and no state before.
    RecurrentGates.forward(
      .lstm, gates: gates.mutableRows, products: gates.rows, before: before.rows, cellBefore: before.rows,
      cell: cell.mutableRows, hidden: hidden.mutableRows)
    expectClose(cell, try golden.tensor("lstm.cell"), "cell")
    expectClose(hidden, try golden.tensor("lstm.hidden"), "hidden")
    var hiddenGradient = try golden.tensor("lstm.dhidden")
    var cellGradient = try golden.tensor("lstm.dcell")
    RecurrentGates.backward(
      .lstm, gates: gates.mutableRows, products: gates.mutableRows, before: before.rows,
      cellBefore: before.rows, cell: cell.rows, hidden: hidden.rows,
      hiddenGradient: hiddenGradient.mutableRows, cellGradient: cellGradient.mutableRows)
    expectClose(gates, try golden.tensor("lstm.dgates"), "dgates", tolerance: 2e-5)
    expectClose(cellGradient, try golden.tensor("lstm.dcell_before"), "dcell_before", tolerance: 2e-5)
  }

  @Test func attention() throws {
    let values = try golden.tensor("attention.values")
    var keys = try golden.tensor("attention.keys")
    let score = try golden.tensor("attention.score")
    var query = try golden.tensor("attention.query")
    exponentiateTwice(keys.mutableRows)
    exponentiateTwice(query.mutableRows)
    let images: [Int32] = [0, 1, 1]
    let grid = AttentionGrid(positions: 6, keys: keys.rows, values: values.rows)
    var (weights, context) = (Tensor(shape: [3, 6]), Tensor(shape: [3, 4]))
    grid.attend(
      query.rows, score: score, images: images, weights: weights.mutableRows, context: context.mutableRows)
    expectClose(weights, try golden.tensor("attention.weights"), "weights")
    expectClose(context, try golden.tensor("attention.context"), "context")
    let contextGradient = try golden.tensor("attention.dcontext")
    var weightsGradient = try golden.tensor("attention.dweights")
    var (keysGradient, valuesGradient) = (Tensor(shape: keys.shape), Tensor(shape: values.shape))
    var (queryGradient, scoreGradient) = (Tensor(shape: [3, 5]), Tensor(shape: [5]))
    grid.backward(
      query.rows, score: score, images: images, weights: weights.rows, contextGradient: contextGradient.rows,
      weightsGradient: weightsGradient.mutableRows,
      gradient: AttentionGrid.Gradient(keys: keysGradient.mutableRows, values: valuesGradient.mutableRows),
      queryGradient: queryGradient.mutableRows, scoreGradient: &scoreGradient)
    expectClose(keysGradient, try golden.tensor("attention.dkeys"), "dkeys", tolerance: 2e-5)
    expectClose(valuesGradient, try golden.tensor("attention.dvalues"), "dvalues", tolerance: 2e-5)
    expectClose(queryGradient, try golden.tensor("attention.dquery"), "dquery", tolerance: 2e-5)
    expectClose(scoreGradient, try golden.tensor("attention.dscore"), "dscore", tolerance: 2e-5)
  }

  @Test func labelSmoothedCrossEntropy() throws {
    var logits = try golden.tensor("loss.logits", shape: [6, 11])
    let loss = crossEntropy(
      logits.mutableRows, targets: [3, 0, 10, 7, 7, 1], smoothing: 0.1, scale: 1 / 6)
    #expect(abs(loss - Double(try golden.tensor("loss.value").values[0])) < 1e-4)
    expectClose(logits, try golden.tensor("loss.gradient"), "dlogits", tolerance: 2e-5)
  }

  @Test func adamW() throws {
    struct Network: Learned {
      var vector: Tensor
      var parameters: [Parameter<Network>] { [Parameter("vector", \.vector)] }
    }
    var network = Network(vector: try golden.tensor("adamw.start", shape: [9]))
    var settings = AdamW<Network>.Settings()
    (settings.weightDecay, settings.clip, settings.averageDecay) = (0.01, 2, 0.998)
    var optimizer = AdamW(network, settings: settings)
    let gradients = try golden.tensor("adamw.gradients", shape: [5, 9]).values
    let (after, average) = (
      try golden.tensor("adamw.after").values, try golden.tensor("adamw.average").values
    )
    for step in 0..<5 {
      let rows = step * 9..<(step + 1) * 9
      let gradient = Network(vector: Tensor(shape: [9], values: Array(gradients[rows])))
      optimizer.update(&network, gradient: gradient, rate: 0.01)
      expectClose(network.vector, Tensor(shape: [9], values: Array(after[rows])), "step \(step)")
      expectClose(
        optimizer.average.vector, Tensor(shape: [9], values: Array(average[rows])), "average \(step)")
    }
    #expect(optimizer.step == 5)
    // What is no number is not learned from.
    let (weights, seen) = (network.vector, optimizer.average.vector)
    let poison = Network(vector: Tensor(shape: [9], values: [.nan] + [Float](repeating: 1, count: 8)))
    #expect(optimizer.update(&network, gradient: poison, rate: 0.01).isNaN)
    #expect(network.vector == weights && optimizer.average.vector == seen && optimizer.step == 5)
  }
}
