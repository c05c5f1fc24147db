import Foundation
import Networks
import Tensors
import Testing

/// A file of what PyTorch computed, by its name in `Fixtures`.
func goldenFile(_ name: String) throws -> SafetensorsFile {
  let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "safetensors"))
  return try SafetensorsFile(path: url.path)
}

/// The gradients of a network's parameters, and those of a file, named `prefix` and the parameter's name: each has the other,
/// of equal shape, and every element is within 10⁻⁴ of the tensor's largest magnitude.
/// - Parameter isUsed: whether a gradient by a parameter of this name is expected
func expectGradients<Network: Learned>(
  _ gradient: Network, equal golden: SafetensorsFile, prefix: String = "gradient.",
  where isUsed: (String) -> Bool = { _ in true }, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let parameters = gradient.parameters.filter { gradient[keyPath: $0.path].count > 0 && isUsed($0.name) }
  let names = parameters.map { prefix + $0.name }
  #expect(names.sorted() == golden.names.filter { $0.hasPrefix(prefix) }, sourceLocation: sourceLocation)
  for (name, parameter) in zip(names, parameters) {
    // Those of a key's bias are 0 but for rounding: softmax does not see what all keys share.
    try expectClose(
      gradient[keyPath: parameter.path], golden, name, tolerance: 1e-4, sourceLocation: sourceLocation)
  }
}

/// A tensor of a file, and what was found instead: equal shapes, no NaN, and every element within `tolerance` times the
/// largest magnitude, or 10⁻³ if that is smaller.
func expectClose(
  _ found: Tensor, _ golden: SafetensorsFile, _ name: String, tolerance: Float = 1e-5,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let expected = try golden.tensor(name)
  #expect(found.shape == expected.shape, "\(name)", sourceLocation: sourceLocation)
  let scale = max(expected.values.map(abs).max() ?? 0, 1e-3)
  let worst = zip(found.values, expected.values).map { $0.isNaN ? .infinity : abs($0 - $1) }.max()
  #expect(
    try #require(worst) <= tolerance * scale, "\(name): off by \(worst ?? 0), largest \(scale)",
    sourceLocation: sourceLocation)
}

extension MutableRows {
  /// The values as a tensor, [rows, columns].
  var tensor: Tensor {
    var tensor = Tensor(shape: [rows, columns])
    tensor.mutableRows.copy(from: Rows(self))
    return tensor
  }
}
