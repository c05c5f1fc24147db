import Models
import Networks
import Tensors
import Testing

@Suite struct ActionNetworkTests {
  private let clips = 3
  private let steps = 4

  private func sizes(_ cell: ActionNetwork.Cell) -> ActionNetwork.Sizes {
    ActionNetwork.Sizes(cell: cell, channels: 6, projection: 5, hidden: 4, attention: 3, labels: 4)
  }

  private func loss(
    _ network: ActionNetwork, _ features: Tensor, _ labels: [Int32],
    _ regularization: Regularization,
    gradient: inout ActionNetwork
  ) -> Double {
    let pass = ActionPass(
      network, features: features.rows, clips: clips, regularization: regularization, seed: 5,
      arena: Arena())
    return pass.backward(labels: labels, gradient: &gradient)
  }

  @Test(arguments: ActionNetwork.Cell.allCases, [false, true])
  func gradientsMatchFiniteDifferences(cell: ActionNetwork.Cell, regularized: Bool) {
    var random = Optional(RandomGenerator(seed: 3))
    let network = ActionNetwork(sizes(cell), using: &random)
    let features = Tensor(shape: [clips, steps, 6], normal: 1, using: &random)
    let labels: [Int32] = [0, 3, 2]
    var regularization = Regularization.none
    if regularized {
      (regularization.featureDropout, regularization.outputDropout) = (0.3, 0.3)
      regularization.labelSmoothing = 0.1
    }
    var gradient = network.zeros
    _ = loss(network, features, labels, regularization, gradient: &gradient)
    var ignored = network.zeros
    var largest = 0.0
    for parameter in network.parameters {
      let computed = gradient[keyPath: parameter.path]
      for index in stride(from: 0, to: computed.count, by: max(1, computed.count / 6)) {
        func moved(_ by: Float) -> Double {
          var copy = network
          copy[keyPath: parameter.path].mutablePointer[index] += by
          return loss(copy, features, labels, regularization, gradient: &ignored)
        }
        let expected = (moved(2e-3) - moved(-2e-3)) / 4e-3
        let found = Double(computed.values[index])
        largest = max(largest, abs(found))
        #expect(
          abs(expected - found) < 3e-3 * max(0.1, abs(expected)),
          "\(cell) \(parameter.name)[\(index)]: \(found), by differences \(expected)")
      }
    }
    #expect(largest > 0.01)
  }

  @Test(arguments: ActionNetwork.Cell.allCases)
  func tenClipsAreLearned(cell: ActionNetwork.Cell) {
    var random = Optional(RandomGenerator(seed: 4))
    let sizes = ActionNetwork.Sizes(
      cell: cell, channels: 12, projection: 24, hidden: 24, attention: 8, labels: 5)
    var network = ActionNetwork(sizes, using: &random)
    let features = Tensor(shape: [10, 6, 12], normal: 1, using: &random)
    let labels: [Int32] = [0, 1, 2, 3, 4, 4, 3, 2, 1, 0]
    var optimizer = AdamW(network)
    let arena = Arena()
    var loss = 0.0
    for _ in 0..<150 {
      arena.reset()
      let pass = ActionPass(network, features: features.rows, clips: 10, arena: arena)
      var gradient = network.zeros
      loss = pass.backward(labels: labels, gradient: &gradient)
      optimizer.update(&network, gradient: gradient, rate: 0.01)
    }
    #expect(loss < 0.05, "\(cell): \(loss)")
  }

  @Test(arguments: ActionNetwork.Cell.allCases)
  func attentionIsAShareOfTime(cell: ActionNetwork.Cell) {
    var random = Optional(RandomGenerator(seed: 6))
    let network = ActionNetwork(sizes(cell), using: &random)
    let features = Tensor(shape: [clips, steps, 6], normal: 1, using: &random)
    let arena = Arena()
    let pass = ActionPass(network, features: features.rows, clips: clips, arena: arena)
    for clip in 0..<clips {
      let weights = (0..<steps).map { pass.weights[clip][$0] }
      #expect(abs(weights.reduce(0, +) - 1) < 1e-5)
      if cell == .average { #expect(weights.allSatisfy { $0 == 0.25 }) }
    }
    // A clip's result does not depend on those beside it.
    let alone = ActionPass(network, features: features.rows[steps..<2 * steps], clips: 1, arena: arena)
    for label in 0..<4 { #expect(abs(alone.logits[0][label] - pass.logits[1][label]) < 1e-5) }
  }
}
