import Datasets
import Models
import Narration
import Tensors
import Testing
import Training

/// More columns than are solved at once, and a last block that is narrower.
@Test(arguments: [1, 64, 130]) func choleskySolves(columns: Int) {
  let count = 19
  var random = RandomGenerator(seed: 4)
  let factor = (0..<count * count).map { _ in Double(random.uniform()) - 0.5 }
  var matrix = [Double](repeating: 0, count: count * count)
  for i in 0..<count {
    for j in 0..<count {
      for k in 0..<count { matrix[i * count + j] += factor[i * count + k] * factor[j * count + k] }
    }
    matrix[i * count + i] += 0.1
  }
  let right = (0..<count * columns).map { _ in Double(random.uniform()) }
  var solution = right
  Cholesky(matrix, count: count).solve(&solution, columns: columns)
  for i in 0..<count {
    for column in 0..<columns {
      let product = (0..<count).reduce(0.0) { $0 + matrix[i * count + $1] * solution[$1 * columns + column] }
      #expect(abs(product - right[i * columns + column]) < 1e-9)
    }
  }
}
