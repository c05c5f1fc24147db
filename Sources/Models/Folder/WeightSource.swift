import Compute
import Networks
import Tensors

/// What the matrices of a network that writes are multiplied in.
package enum DecoderNumbers: Sendable {
  case half
  /// Whole numbers of eight bits, see `ByteMatrix`; matrices that are too wide for these stay in half precision.
  case bytes

  func matrix(_ matrix: HalfMatrix) -> FixedMatrix {
    self == .bytes && matrix.inputs <= ByteMatrix.mostInputs ? .bytes(ByteMatrix(matrix)) : .half(matrix)
  }
}

/// Where a network's weights are taken from, by name and shape.
///
/// All networks are read from files in this way: each tensor's shape, which follows from the configuration, is held against the
/// file's header before there is memory for it. So no configuration takes more than what the file has.
struct WeightSource<Matrix: WeightMatrix, Failure: Error> {
  let matrix: (String, [Int]) throws(Failure) -> Matrix
  /// A matrix of which rows are read, one at a time.
  let table: (String, [Int]) throws(Failure) -> Matrix
  let tensor: (String, [Int]) throws(Failure) -> Tensor

  /// A layer of a name.
  func linear(_ name: String, _ outputs: Int, _ inputs: Int) throws(Failure) -> LinearLayer<Matrix> {
    LinearLayer(
      weight: try matrix(name + ".weight", [outputs, inputs]), bias: try tensor(name + ".bias", [outputs]))
  }

  /// A recurrent layer of a name.
  func recurrent(
    _ name: String, _ kind: RecurrentKind, inputs: Int, width: Int
  ) throws(Failure) -> RecurrentLayer<Matrix> {
    RecurrentLayer(
      kind, input: try linear(name + ".input", kind.gates * width, inputs),
      recurrent: try linear(name + ".recurrent", kind.gates * width, width))
  }

  /// A recurrence in both directions.
  func bidirectional(
    _ name: String?, _ kind: RecurrentKind, inputs: Int, width: Int
  ) throws(Failure) -> BidirectionalLayer<Matrix> {
    let prefix = name.map { $0 + "." } ?? ""
    return BidirectionalLayer(
      forwards: try recurrent(prefix + "forwards", kind, inputs: inputs, width: width),
      backwards: try recurrent(prefix + "backwards", kind, inputs: inputs, width: width))
  }

  /// A norm of a name.
  func norm(_ name: String, _ width: Int) throws(Failure) -> LayerNorm {
    LayerNorm(
      weight: try tensor(name + ".weight", [width]), bias: try tensor(name + ".bias", [width]))
  }
}

extension WeightSource {
  /// A norm of a name.
  func norm(_ name: String, _ width: Int, _ epsilon: Float) throws(Failure) -> LayerNorm {
    LayerNorm(
      weight: try tensor(name + ".weight", [width]), bias: try tensor(name + ".bias", [width]),
      epsilon: epsilon)
  }

  /// The attention of a name, as wide as what attends.
  /// - Parameter entries: width of what is attended to; nil is the same
  func attention(
    _ name: String, heads: Int, _ width: Int, entries: Int? = nil
  ) throws(Failure) -> MultiHeadAttention<Matrix> {
    MultiHeadAttention(
      heads: heads, width: width, query: try linear(name + ".query", width, width),
      key: try linear(name + ".key", width, entries ?? width),
      value: try linear(name + ".value", width, entries ?? width),
      output: try linear(name + ".output", width, width))
  }
}

extension WeightSource where Matrix == Tensor, Failure == SafetensorsError {
  /// What a file has under a prefix.
  init(_ file: SafetensorsFile, _ prefix: String) {
    let tensor = { (name: String, shape: [Int]) throws(SafetensorsError) -> Tensor in
      try shape.contains(0) ? Tensor(shape: shape) : file.tensor("\(prefix).\(name)", shape: shape)
    }
    self.init(matrix: tensor, table: tensor, tensor: tensor)
  }
}

extension WeightSource where Matrix == FixedMatrix, Failure == SafetensorsError {
  /// What a file has under a prefix, matrices in half precision in the file's own bytes where they stand so.
  init(_ numbers: DecoderNumbers, _ file: SafetensorsFile, _ prefix: String) {
    let half = { (name: String, shape: [Int]) throws(SafetensorsError) -> HalfMatrix in
      try file.matrix("\(prefix).\(name)", shape: shape)
    }
    self.init(
      matrix: { (name, shape) throws(SafetensorsError) in numbers.matrix(try half(name, shape)) },
      table: { (name, shape) throws(SafetensorsError) in .half(try half(name, shape)) },
      tensor: { (name, shape) throws(SafetensorsError) in
        try shape.contains(0) ? Tensor(shape: shape) : file.tensor("\(prefix).\(name)", shape: shape)
      })
  }
}

extension WeightSource where Matrix == FixedMatrix, Failure == Never {
  /// The weights of a network in training, matrices rounded.
  init(_ numbers: DecoderNumbers, rounding network: some Learned) {
    let named = network.tensors
    func tensor(_ name: String, _ shape: [Int]) -> Tensor {
      guard let tensor = named[name], tensor.shape == shape else { preconditionFailure("no tensor \(name)") }
      return tensor
    }
    self.init(
      matrix: { numbers.matrix(HalfMatrix(tensor($0, $1))) }, table: { .half(HalfMatrix(tensor($0, $1))) },
      tensor: tensor)
  }
}

extension Learned {
  /// Every tensor by its name.
  fileprivate var tensors: [String: Tensor] {
    Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, self[keyPath: $0.path]) })
  }
}
