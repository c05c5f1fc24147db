import Foundation
import Networks
import Tensors

/// Where the mean features of photographs lie: their principal components (Pearson 1901).
package struct FeatureSpace: Sendable, Equatable {
  /// [channels]
  package let mean: Tensor
  /// Orthonormal rows, the longest first: [components, channels]
  package let components: Tensor
  /// Standard deviations along the components: [components]
  package let deviations: Tensor

  /// - Precondition: the shapes fit.
  package init(mean: Tensor, components: Tensor, deviations: Tensor) {
    precondition(components.shape == [deviations.count, mean.count])
    (self.mean, self.components, self.deviations) = (mean, components, deviations)
  }

  /// Number of components.
  package var count: Int { deviations.count }

  /// A picture's coordinates among those that the space was made of.
  package struct Position {
    /// In standard deviations.
    package let components: [Double]
    /// Root of their mean square: 1 for a picture like the others (Mahalanobis 1936, per component).
    package let distance: Double
    /// What the components leave of it, as a length.
    package let residual: Double
  }

  /// - Parameter features: [channels]
  package func position(of features: [Float]) -> Position {
    precondition(features.count == mean.count)
    let channels = mean.count
    let centered = (0..<channels).map { features[$0] - mean.pointer[$0] }
    var rest = centered.reduce(0) { $0 + Double($1) * Double($1) }
    var coordinates: [Double] = []
    for component in 0..<count {
      let row = components.pointer + component * channels
      let along = (0..<channels).reduce(0.0) { $0 + Double(row[$1] * centered[$1]) }
      rest -= along * along
      coordinates.append(along / Double(deviations.pointer[component]))
    }
    let squares = coordinates.reduce(0) { $0 + $1 * $1 }
    return Position(
      components: coordinates, distance: (squares / Double(max(1, count))).squareRoot(),
      residual: max(0, rest).squareRoot())
  }

  /// Reads the tensors `mean`, `components` and `deviations`.
  /// - Parameter channels: of the features
  package init(from file: SafetensorsFile, channels: Int) throws(SafetensorsError) {
    let deviations = try file.tensor("deviations")
    guard deviations.shape.count == 1, deviations.values.allSatisfy({ $0.isNormal && $0 > 0 }) else {
      throw .damaged(path: file.path, reason: "tensor deviations holds no standard deviations")
    }
    self.init(
      mean: try file.tensor("mean", shape: [channels]),
      components: try file.tensor("components", shape: [deviations.count, channels]), deviations: deviations)
  }

  /// Adds the tensors to a file.
  package func add(to writer: inout SafetensorsWriter) {
    writer.add("mean", mean, half: false)
    writer.add("components", components, half: false)
    writer.add("deviations", deviations, half: false)
  }
}
