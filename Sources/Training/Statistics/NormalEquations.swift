import Compute
import Foundation
import Models
import Narration
import Tensors

/// The normal equations of a ridge regression from landmarks to words, gathered block by block in double precision.
struct NormalEquations {
  /// Pictures whose sums are made in single precision.
  static let block = 2048

  private let landmarks, words: Int
  /// [landmarks, landmarks]
  private var products: [Double]
  /// [landmarks, words]
  private var sides: [Double]

  init(landmarks: Int, words: Int) {
    (self.landmarks, self.words) = (landmarks, words)
    products = [Double](repeating: 0, count: landmarks * landmarks)
    sides = [Double](repeating: 0, count: landmarks * words)
  }

  /// Adds some pictures.
  /// - Parameters:
  ///   - alike: [pictures, landmarks]
  ///   - targets: [pictures, words]
  mutating func add(_ alike: Tensor, _ targets: Tensor) {
    precondition(alike.shape[0] == targets.shape[0])
    func sum(_ other: Tensor, _ columns: Int, to total: inout [Double]) {
      var block = Tensor(shape: [landmarks, columns])
      multiply(alike.rows, other.rows, into: block.mutableRows, transposeA: true)
      for index in total.indices { total[index] += Double(block.pointer[index]) }
    }
    sum(alike, landmarks, to: &products)
    sum(targets, words, to: &sides)
  }

  /// - Parameter penalty: as if so many pictures said that each weight is 0
  /// - Returns: [landmarks, words]
  func solution(penalty: Double) -> Tensor {
    var (matrix, solution) = (products, sides)
    for landmark in 0..<landmarks { matrix[landmark * landmarks + landmark] += penalty }
    Cholesky(matrix, count: landmarks).solve(&solution, columns: words)
    return Tensor(shape: [landmarks, words], values: solution.map { Float($0) })
  }

  /// Of what the landmarks say of the words, what tells the pictures apart most (reduced-rank regression, Izenman 1975): along
  /// the principal axes of what is fitted, those of Wᵀ (Aᵀ A) W.
  /// - Parameter weights: W, [landmarks, words]
  /// - Returns: [rank, landmarks] and [words, rank], whose product is about the transpose of `weights`
  func reduced(_ weights: Tensor, rank: Int) -> (topics: Tensor, weights: Tensor) {
    let rank = min(rank, landmarks, words)
    let single = Tensor(shape: [landmarks, landmarks], values: products.map { Float($0) })
    var half = Tensor(shape: [landmarks, words])
    multiply(single.rows, weights.rows, into: half.mutableRows)
    var whole = Tensor(shape: [words, words])
    multiply(weights.rows, half.rows, into: whole.mutableRows, transposeA: true)
    // A symmetric matrix has the axes of its rows.
    let axes = FeatureSpace.principalAxes(of: whole, count: rank, iterations: 8).axes
    var topics = Tensor(shape: [rank, landmarks])
    multiply(axes.rows, weights.rows, into: topics.mutableRows, transposeB: true)
    var turned = Tensor(shape: [words, rank])
    let base = turned.mutablePointer
    for topic in 0..<rank {
      for word in 0..<words { base[word * rank + topic] = axes.pointer[topic * words + word] }
    }
    return (topics, turned)
  }
}
