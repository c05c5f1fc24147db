import Algorithms

/// Spearman's rank correlation; equal values share the mean of their ranks.
/// - Returns: -1…1; NaN where one side has a single value.
package func rankCorrelation(_ a: [Double], _ b: [Double]) -> Double {
  precondition(a.count == b.count)
  let (a, b) = (ranks(a), ranks(b))
  let mean = Double(a.count + 1) / 2
  func product(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
  }
  return product(a, b) / (product(a, a) * product(b, b)).squareRoot()
}

/// From 1 on.
private func ranks(_ values: [Double]) -> [Double] {
  let order = values.indices.sorted { values[$0] < values[$1] }
  var ranks = [Double](repeating: 0, count: values.count)
  for equal in order.chunked(by: { values[$0] == values[$1] }) {
    for index in equal { ranks[index] = Double(equal.startIndex + equal.endIndex + 1) / 2 }
  }
  return ranks
}
