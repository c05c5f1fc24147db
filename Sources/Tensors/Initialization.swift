import Foundation

/// Weights to start training from. Without a generator they stay zero, for those who will read them from a file.
extension Tensor {
  /// Uniform in [-bound, bound).
  package init(shape: [Int], uniform bound: Float, using random: inout RandomGenerator?) {
    self.init(shape: shape)
    fill(from: &random) { (random: inout RandomGenerator) in (random.uniform() * 2 - 1) * bound }
  }

  /// Normal with mean zero, by the Box-Muller transform.
  package init(shape: [Int], normal deviation: Float, using random: inout RandomGenerator?) {
    self.init(shape: shape)
    fill(from: &random) { (random: inout RandomGenerator) in
      let radius = (-2 * log(1 - Double(random.uniform()))).squareRoot()
      return deviation * Float(radius * cos(2 * Double.pi * Double(random.uniform())))
    }
  }

  private mutating func fill(
    from random: inout RandomGenerator?, _ value: (inout RandomGenerator) -> Float
  ) {
    guard var generator = random else { return }
    let base = mutablePointer
    for i in 0..<count { base[i] = value(&generator) }
    random = generator
  }
}
