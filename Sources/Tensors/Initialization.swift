import Foundation

extension Tensor {
  /// Uniform in [-bound, bound).
  package init(shape: [Int], uniform bound: Float, using random: inout RandomGenerator) {
    self.init(shape: shape)
    let base = mutablePointer
    for i in 0..<count { base[i] = (random.uniform() * 2 - 1) * bound }
  }

  /// Normal with mean zero, by the Box-Muller transform.
  package init(shape: [Int], normal deviation: Float, using random: inout RandomGenerator) {
    self.init(shape: shape)
    let base = mutablePointer
    for i in 0..<count {
      let radius = (-2 * log(1 - Double(random.uniform()))).squareRoot()
      base[i] = deviation * Float(radius * cos(2 * Double.pi * Double(random.uniform())))
    }
  }
}
