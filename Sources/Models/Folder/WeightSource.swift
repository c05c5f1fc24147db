import Compute
import Networks
import Tensors

/// Where a network's weights are taken from, by name and shape.
///
/// All networks are read from files in this way: each tensor's shape, which follows from the configuration, is held against the
/// file's header before there is memory for it. So no configuration takes more than what the file has.
struct WeightSource<Matrix: WeightMatrix, Failure: Error> {
  let matrix: (String, [Int]) throws(Failure) -> Matrix
  let tensor: (String, [Int]) throws(Failure) -> Tensor

  /// A layer of a name.
  func linear(_ name: String, _ outputs: Int, _ inputs: Int) throws(Failure) -> LinearLayer<Matrix> {
    LinearLayer(
      weight: try matrix(name + ".weight", [outputs, inputs]), bias: try tensor(name + ".bias", [outputs]))
  }
}

extension WeightSource where Matrix == Tensor, Failure == SafetensorsError {
  /// What a file has under a prefix.
  init(_ file: SafetensorsFile, _ prefix: String) {
    let tensor = { (name: String, shape: [Int]) throws(SafetensorsError) -> Tensor in
      try shape.contains(0) ? Tensor(shape: shape) : file.tensor("\(prefix).\(name)", shape: shape)
    }
    self.init(matrix: tensor, tensor: tensor)
  }

  /// A recurrent layer of a name.
  func recurrent(
    _ name: String, _ kind: RecurrentLayer.Kind, inputs: Int, width: Int
  ) throws(SafetensorsError) -> RecurrentLayer {
    RecurrentLayer(
      kind, input: try linear(name + ".input", kind.gates * width, inputs),
      recurrent: try linear(name + ".recurrent", kind.gates * width, width))
  }
}
