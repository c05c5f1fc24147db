import Compute
import Foundation
import Narration
import Tensors

extension FeatureSpace {
  /// The principal components of features, by orthogonal iteration.
  /// - Parameters:
  ///   - features: [pictures][channels]; more pictures than components
  ///   - count: of components
  package init(of features: [[Float]], count: Int) {
    precondition(features.count > count && count > 0)
    let (pictures, channels) = (features.count, features[0].count)
    var mean = Tensor(shape: [channels])
    let sum = mean.mutablePointer
    for picture in features {
      for channel in 0..<channels { sum[channel] += picture[channel] / Float(pictures) }
    }
    let centred = Tensor(
      shape: [pictures, channels], values: features.flatMap { zip($0, mean.values).map { $0 - $1 } })
    var random = Optional(RandomGenerator(seed: 1))
    var basis = Tensor(shape: [count, channels], normal: 1, using: &random)
    var along = Tensor(shape: [pictures, count])
    for _ in 0..<30 {
      Self.orthonormalise(&basis)
      multiply(
        centred.pointer, basis.pointer, into: along.mutablePointer, rows: pictures, columns: count,
        inner: channels, transposeB: true)
      multiply(
        along.pointer, centred.pointer, into: basis.mutablePointer, rows: count, columns: channels,
        inner: pictures, transposeA: true)
    }
    Self.orthonormalise(&basis)
    multiply(
      centred.pointer, basis.pointer, into: along.mutablePointer, rows: pictures, columns: count,
      inner: channels, transposeB: true)
    let deviations = (0..<count).map { component in
      let squares = (0..<pictures).reduce(0.0) {
        $0 + Double(along.pointer[$1 * count + component] * along.pointer[$1 * count + component])
      }
      return max(1e-6, Float((squares / Double(pictures)).squareRoot()))
    }
    self.init(mean: mean, components: basis, deviations: Tensor(shape: [count], values: deviations))
  }

  /// Gram and Schmidt, by rows.
  private static func orthonormalise(_ basis: inout Tensor) {
    let (count, length) = (basis.shape[0], basis.shape[1])
    let rows = basis.mutablePointer
    for row in 0..<count {
      let mine = rows + row * length
      for before in 0..<row {
        let other = rows + before * length
        let along = (0..<length).reduce(0.0) { $0 + Double(mine[$1] * other[$1]) }
        for i in 0..<length { mine[i] -= Float(along) * other[i] }
      }
      let norm = (0..<length).reduce(0.0) { $0 + Double(mine[$1] * mine[$1]) }.squareRoot()
      for i in 0..<length { mine[i] /= Float(max(norm, 1e-20)) }
    }
  }
}
