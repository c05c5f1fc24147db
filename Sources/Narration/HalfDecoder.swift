import Compute
import Networks
import Tensors

/// The attention decoder in the form that makes captions: matrices in half precision, in the weights file's own bytes where
/// they stand so. Workers share one. Tensors are as in `CaptionDecoder`.
package struct HalfDecoder: DecoderWeights, Sendable {
  package let sizes: CaptionDecoder.Sizes
  let embedding: HalfMatrix
  package let style: Tensor
  package let place: Tensor
  let projection: HalfLinear
  let key: HalfLinear
  let query: HalfMatrix
  let score: Tensor
  let gate: HalfLinear
  let input: HalfLinear
  let recurrent: HalfMatrix
  let initialHidden: HalfLinear
  let initialCell: HalfLinear
  let output: HalfLinear

  /// Rounds the weights of a decoder in training.
  package init(_ decoder: CaptionDecoder) {
    let tensors = CaptionDecoder.parameters.map { ($0.name, decoder[keyPath: $0.path]) }
    let named = Dictionary(uniqueKeysWithValues: tensors)
    func tensor(_ name: String, _ shape: [Int]) -> Tensor {
      guard let tensor = named[name], tensor.shape == shape else { preconditionFailure("no tensor \(name)") }
      return tensor
    }
    self.init(decoder.sizes, matrix: { HalfMatrix(tensor($0, $1)) }, tensor: tensor)
  }

  /// Weights from a file, under the prefix `decoder`.
  package init(_ sizes: CaptionDecoder.Sizes, from file: SafetensorsFile) throws(SafetensorsError) {
    try self.init(
      sizes,
      matrix: { (name, shape) throws(SafetensorsError) in try file.matrix("decoder." + name, shape: shape) },
      tensor: { (name, shape) throws(SafetensorsError) in
        try shape.contains(0) ? Tensor(shape: shape) : file.tensor("decoder." + name, shape: shape)
      })
  }

  private init<Failure: Error>(
    _ sizes: CaptionDecoder.Sizes, matrix: (String, [Int]) throws(Failure) -> HalfMatrix,
    tensor: (String, [Int]) throws(Failure) -> Tensor
  ) throws(Failure) {
    func linear(_ name: String, _ outputs: Int, _ inputs: Int) throws(Failure) -> HalfLinear {
      HalfLinear(
        weight: try matrix(name + ".weight", [outputs, inputs]), bias: try tensor(name + ".bias", [outputs]))
    }
    let (hidden, depth) = (sizes.hidden, sizes.projection)
    self.sizes = sizes
    embedding = try matrix("embedding.weight", [sizes.words, sizes.embedding])
    style = try tensor("style.weight", [sizes.styles ?? 0, sizes.embedding])
    place = try tensor("place.weight", [sizes.places ?? 0, depth])
    projection = try linear("projection", depth, sizes.channels)
    key = try linear("key", sizes.attention, depth)
    query = try matrix("query.weight", [sizes.attention, hidden])
    score = try tensor("score.weight", [sizes.attention])
    gate = try linear("gate", 1, hidden)
    input = try linear("lstm.input", 4 * hidden, sizes.embedding)
    recurrent = try matrix("lstm.recurrent.weight", [4 * hidden, hidden + depth])
    initialHidden = try linear("initial.hidden", hidden, depth)
    initialCell = try linear("initial.cell", hidden, depth)
    output = try linear("output", sizes.words, hidden)
  }

  func query(_ hidden: UnsafePointer<Float>, rows: Int, into query: UnsafeMutablePointer<Float>) {
    self.query.multiply(hidden, rows: rows, into: query)
  }

  func recurrent(_ joined: UnsafePointer<Float>, rows: Int, addingTo gates: UnsafeMutablePointer<Float>) {
    recurrent.multiply(joined, rows: rows, into: gates, adding: true)
  }
}
