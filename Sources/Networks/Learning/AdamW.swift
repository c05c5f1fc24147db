import CKernels
import Tensors

/// Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019), gradients clipped by their
/// global norm (Pascanu et al. 2013), and an exponential moving average of the weights, which is what is validated.
package struct AdamW<Network: Learned>: Sendable {
  package struct Settings: Sendable, Equatable {
    package var beta1: Float = 0.9
    package var beta2: Float = 0.999
    package var epsilon: Float = 1e-8
    package var weightDecay: Float = 0
    /// Largest global norm of the gradients.
    package var clip: Float = 5
    /// The average keeps this share of itself a step; less in the first steps, min(decay, (1 + t) / (10 + t)).
    package var averageDecay: Float = 0.998
    package init() {}
  }

  package let settings: Settings
  /// Updates made.
  package private(set) var step = 0
  /// Running mean of the gradients.
  package private(set) var mean: Network
  /// Running mean of their squares.
  package private(set) var variance: Network
  /// Moving average of the weights.
  package private(set) var average: Network

  package init(_ network: Network, settings: Settings = Settings()) {
    self.settings = settings
    mean = network.zeros
    variance = network.zeros
    average = network
  }

  /// The state that a checkpoint holds.
  package init(step: Int, mean: Network, variance: Network, average: Network, settings: Settings) {
    (self.step, self.mean, self.variance, self.average, self.settings) = (
      step, mean, variance, average, settings
    )
  }

  /// Makes one step.
  /// - Returns: the global norm of the gradients before clipping.
  @discardableResult
  package mutating func update(_ network: inout Network, gradient: Network, rate: Float) -> Float {
    update(&network, gradient: gradient) { _ in rate }
  }

  /// Makes one step; none with gradients that are no numbers.
  /// - Parameter rate: the learning rate of a tensor, by its name
  /// - Returns: the global norm of the gradients before clipping.
  @discardableResult
  package mutating func update(
    _ network: inout Network, gradient: Network, rate: (_ name: String) -> Float
  ) -> Float {
    let parameters = network.parameters
    let gradients = parameters.map { gradient[keyPath: $0.path] }
    let squares = gradients.reduce(0.0) { $0 + narrate_sum_of_squares($1.pointer, $1.count) }
    let norm = Float(squares.squareRoot())
    guard norm.isFinite else { return norm }
    step += 1
    let t = Double(step)
    var adam = narrate_adam()
    adam.beta1 = settings.beta1
    adam.beta2 = settings.beta2
    adam.epsilon = settings.epsilon
    adam.weight_decay = settings.weightDecay
    adam.correction1 = Float(1 - power(Double(settings.beta1), step))
    adam.correction2 = Float(1 - power(Double(settings.beta2), step))
    adam.gradient_scale = norm > settings.clip ? settings.clip / (norm + 1e-6) : 1
    adam.average_decay = min(settings.averageDecay, Float((1 + t) / (10 + t)))
    for (parameter, gradient) in zip(parameters, gradients) {
      let path = parameter.path
      adam.rate = rate(parameter.name)
      var (weights, mean) = (network.take(path), self.mean.take(path))
      var (variance, average) = (self.variance.take(path), self.average.take(path))
      narrate_adam_update(
        &adam, weights.mutablePointer, gradient.pointer, mean.mutablePointer, variance.mutablePointer,
        average.mutablePointer, gradient.count)
      (network[keyPath: path], self.mean[keyPath: path]) = (weights, mean)
      (self.variance[keyPath: path], self.average[keyPath: path]) = (variance, average)
    }
    return norm
  }
}

/// `base` to a whole power, by squaring: the same bits everywhere.
private func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, factor, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result *= factor }
    factor *= factor
    rest >>= 1
  }
  return result
}
