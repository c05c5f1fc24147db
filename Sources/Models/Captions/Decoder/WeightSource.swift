import Compute
import Networks
import Tensors

/// Where a network's weights are taken from, by name and shape.
struct WeightSource<Matrix: WeightMatrix, Failure: Error> {
  let matrix: (String, [Int]) throws(Failure) -> Matrix
  let tensor: (String, [Int]) throws(Failure) -> Tensor

  func linear(_ name: String, _ outputs: Int, _ inputs: Int) throws(Failure) -> LinearLayer<Matrix> {
    LinearLayer(
      weight: try matrix(name + ".weight", [outputs, inputs]), bias: try tensor(name + ".bias", [outputs]))
  }
}
