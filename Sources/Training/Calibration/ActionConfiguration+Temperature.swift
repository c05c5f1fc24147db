import Foundation
import Models

/// Makes probabilities mean what they say.
extension ActionConfiguration.Calibration {
  /// What temperatures may be: with few clips, all of them right, none is too low.
  static let range = 0.5...8.0

  /// The temperature with the least cross-entropy (Guo et al. 2017), by golden-section search on its logarithm.
  /// - Parameters:
  ///   - scores: logits, or log-probabilities, of each example
  ///   - targets: the right class of each
  package static func temperature(_ scores: [[Float]], targets: [Int]) -> Double {
    precondition(scores.count == targets.count && !scores.isEmpty)
    func loss(_ logarithm: Double) -> Double {
      let temperature = exp(logarithm)
      return zip(scores, targets).reduce(0) { sum, example in
        let scaled = example.0.map { Double($0) / temperature }
        let peak = scaled.max() ?? 0
        return sum + log(scaled.reduce(0) { $0 + exp($1 - peak) }) + peak - scaled[example.1]
      }
    }
    let share = (5.0.squareRoot() - 1) / 2
    var (low, high) = (log(range.lowerBound), log(range.upperBound))
    while high - low > 1e-3 {
      let (left, right) = (high - share * (high - low), low + share * (high - low))
      if loss(left) <= loss(right) { high = right } else { low = left }
    }
    return exp((low + high) / 2)
  }
}
