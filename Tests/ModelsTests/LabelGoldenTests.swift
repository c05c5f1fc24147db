import Models
import Networks
import Tensors
import Testing

/// The networks that label a clip against PyTorch: `Fixtures/make_action_golden.py`.
@Suite struct LabelGoldenTests {
  @Test(arguments: ActionNetwork.Cell.allCases)
  func logitsLossAndEveryGradientEqualPyTorch(cell: ActionNetwork.Cell) throws {
    let golden = try goldenFile("action_golden")
    let sizes = ActionNetwork.Sizes(
      cell: cell, channels: 7, projection: 6, hidden: 5, attention: 3, labels: 5)
    var none: RandomGenerator?
    var network = ActionNetwork(sizes, using: &none)
    func isUsed(_ name: String) -> Bool {
      // The control has neither recurrence nor attention.
      cell != .average || name.hasPrefix("projection.") || name.hasPrefix("output.")
    }
    for parameter in network.parameters where isUsed(parameter.name) {
      let shape = network[keyPath: parameter.path].shape
      network[keyPath: parameter.path] = try golden.tensor("\(cell).\(parameter.name)", shape: shape)
    }
    let features = try golden.tensor("features", shape: [3, 4, 7])
    let pass = ActionPass(network, features: features.rows, clips: 3, arena: Arena())
    try expectClose(pass.logits.tensor, golden, "\(cell).logits")
    if cell != .average { try expectClose(pass.weights.tensor, golden, "\(cell).attention") }

    var regularization = Regularization.none
    regularization.labelSmoothing = 0.1
    let learning = ActionPass(
      network, features: features.rows, clips: 3, regularization: regularization, arena: Arena())
    var gradient = network.zeros
    let loss = learning.backward(labels: [4, 0, 2], gradient: &gradient)
    #expect(abs(loss - Double(try golden.tensor("\(cell).loss").values[0])) < 1e-5)
    try expectGradients(gradient, equal: golden, prefix: "gradient.\(cell).", where: isUsed)
  }
}
