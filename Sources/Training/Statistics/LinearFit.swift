import Foundation

/// Small fits of a number to several others.
package enum LinearFit {
  /// Weighted ridge regression (Hoerl and Kennard 1970), by the normal equations.
  /// - Parameters:
  ///   - rows: [examples][values], about standardized
  ///   - targets, weights: [examples]
  ///   - penalty: as if so many examples said that each weight is 0
  /// - Returns: the weights of the values, and the bias, which is not penalised.
  package static func ridge(_ rows: [[Double]], targets: [Double], weights: [Double], penalty: Double)
    -> (weights: [Double], bias: Double)
  {
    precondition(rows.count == targets.count && rows.count == weights.count && !rows.isEmpty)
    let count = rows[0].count + 1
    var matrix = [Double](repeating: 0, count: count * count)
    var right = [Double](repeating: 0, count: count)
    for (example, row) in rows.enumerated() {
      let values = row + [1]
      for i in 0..<count {
        let weighted = weights[example] * values[i]
        right[i] += weighted * targets[example]
        for j in 0...i { matrix[i * count + j] += weighted * values[j] }
      }
    }
    for i in 0..<count - 1 { matrix[i * count + i] += penalty }
    Cholesky(matrix, count: count).solve(&right, columns: 1)
    return (Array(right.dropLast()), right[count - 1])
  }

  /// Platt's scaling (1999): 1 / (1 + e^-(offset + slope · score)) with the least cross-entropy, by Newton's method.
  /// - Parameter targets: probabilities
  package static func logistic(_ scores: [Double], targets: [Double], weights: [Double]) -> (
    offset: Double, slope: Double
  ) {
    precondition(scores.count == targets.count && scores.count == weights.count)
    var (offset, slope) = (0.0, 0.0)
    for _ in 0..<50 {
      var (g0, g1, h00, h01, h11) = (0.0, 0.0, 1e-6, 0.0, 1e-6)
      for (index, score) in scores.enumerated() {
        let share = 1 / (1 + exp(-(offset + slope * score)))
        let error = weights[index] * (share - targets[index])
        let curve = weights[index] * share * (1 - share)
        (g0, g1) = (g0 + error, g1 + error * score)
        (h00, h01, h11) = (h00 + curve, h01 + curve * score, h11 + curve * score * score)
      }
      let determinant = max(h00 * h11 - h01 * h01, 1e-12)
      let (step0, step1) = ((h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant)
      // Far from the optimum a whole step may overshoot.
      let longest = max(abs(step0), abs(step1))
      let share = longest > 2 ? 2 / longest : 1
      (offset, slope) = (offset - share * step0, slope - share * step1)
      if longest < 1e-9 { break }
    }
    return (offset, slope)
  }
}
