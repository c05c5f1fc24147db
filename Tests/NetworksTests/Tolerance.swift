import Tensors
import Testing

/// Equal shapes, no NaN, and every element within `tolerance` times the largest expected magnitude; the worst element is
/// reported at the caller's line.
func expectClose(
  _ found: Tensor, _ expected: Tensor, _ name: String, tolerance: Float = 1e-5,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.shape == expected.shape, "\(name)", sourceLocation: sourceLocation)
  let scale = max(1e-3, expected.values.map(abs).max() ?? 0)
  let errors = zip(found.values, expected.values).map { $0.isNaN ? Float.infinity : abs($0 - $1) / scale }
  guard let worst = errors.indices.max(by: { errors[$0] < errors[$1] }) else { return }
  #expect(
    errors[worst] <= tolerance,
    "\(name)[\(worst)]: \(found.values[worst]), expected \(expected.values[worst])",
    sourceLocation: sourceLocation)
}
