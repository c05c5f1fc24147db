import Compute
import Networks
import Tensors

/// The decoder in the form that makes captions: matrices in half precision, in the weights file's own bytes where
/// they stand so. Workers share one. Tensors are as in `CaptionDecoder`.
package struct HalfDecoder: DecoderWeights {
  package let sizes: CaptionDecoder.Sizes
  let embedding: HalfMatrix
  package let style: Tensor
  package let place: Tensor
  let projection: HalfLinear
  let recurrence: HalfAttentionLSTM?
  let transformer: Transformer<HalfLinear>?
  let output: HalfLinear

  /// Rounds the weights of a decoder in training.
  package init(_ decoder: CaptionDecoder) {
    let tensors = decoder.places.map { ($0.name, decoder[keyPath: $0.path]) }
    let named = Dictionary(uniqueKeysWithValues: tensors)
    func tensor(_ name: String, _ shape: [Int]) -> Tensor {
      guard let tensor = named[name], tensor.shape == shape else { preconditionFailure("no tensor \(name)") }
      return tensor
    }
    self.init(decoder.sizes, HalfSource(matrix: { HalfMatrix(tensor($0, $1)) }, tensor: tensor))
  }

  /// Weights from a file, under the prefix `decoder`.
  package init(_ sizes: CaptionDecoder.Sizes, from file: SafetensorsFile) throws(SafetensorsError) {
    try self.init(
      sizes,
      HalfSource(
        matrix: { (name, shape) throws(SafetensorsError) in try file.matrix("decoder." + name, shape: shape)
        },
        tensor: { (name, shape) throws(SafetensorsError) in
          try shape.contains(0) ? Tensor(shape: shape) : file.tensor("decoder." + name, shape: shape)
        }))
  }

  private init<Failure: Error>(
    _ sizes: CaptionDecoder.Sizes, _ source: HalfSource<Failure>
  ) throws(Failure) {
    self.sizes = sizes
    embedding = try source.matrix("embedding.weight", [sizes.words, sizes.embedding])
    style = try source.tensor("style.weight", [sizes.styles ?? 0, sizes.embedding])
    place = try source.tensor("place.weight", [sizes.places ?? 0, sizes.projection])
    projection = try source.linear("projection", sizes.projection, sizes.channels)
    if sizes.transformer == nil {
      (recurrence, transformer) = (try HalfAttentionLSTM(sizes, source), nil)
    } else {
      recurrence = nil
      transformer = try Transformer(
        sizes,
        linear: { (name, inputs, outputs) throws(Failure) in
          try source.linear("transformer." + name, outputs, inputs)
        },
        norm: { (name, width) throws(Failure) in
          LayerNorm(
            weight: try source.tensor("transformer.\(name).weight", [width]),
            bias: try source.tensor("transformer.\(name).bias", [width]))
        })
    }
    output = try source.linear("output", sizes.words, sizes.hidden)
  }

  func embedding(of word: Int32, into row: UnsafeMutablePointer<Float>) {
    embedding.widen(Int(word), into: row)
  }
}

/// Where a decoder's weights are taken from, by name and shape.
struct HalfSource<Failure: Error> {
  let matrix: (String, [Int]) throws(Failure) -> HalfMatrix
  let tensor: (String, [Int]) throws(Failure) -> Tensor

  func linear(_ name: String, _ outputs: Int, _ inputs: Int) throws(Failure) -> HalfLinear {
    HalfLinear(
      weight: try matrix(name + ".weight", [outputs, inputs]), bias: try tensor(name + ".bias", [outputs]))
  }
}

/// `AttentionLSTM` with its matrices in half precision.
struct HalfAttentionLSTM: AttentionLSTMWeights {
  let sizes: CaptionDecoder.Sizes
  let key: HalfLinear
  private let query: HalfMatrix
  let score: Tensor
  let gate: HalfLinear
  let input: HalfLinear
  private let recurrent: HalfMatrix
  let initialHidden: HalfLinear
  let initialCell: HalfLinear
  let readout: HalfLinear

  init<Failure: Error>(_ sizes: CaptionDecoder.Sizes, _ source: HalfSource<Failure>) throws(Failure) {
    let (hidden, depth) = (sizes.hidden, sizes.projection)
    self.sizes = sizes
    key = try source.linear("key", sizes.attention, depth)
    query = try source.matrix("query.weight", [sizes.attention, hidden])
    score = try source.tensor("score.weight", [sizes.attention])
    gate = try source.linear("gate", 1, hidden)
    input = try source.linear("lstm.input", 4 * hidden, sizes.embedding)
    recurrent = try source.matrix("lstm.recurrent.weight", [4 * hidden, hidden + depth])
    initialHidden = try source.linear("initial.hidden", hidden, depth)
    initialCell = try source.linear("initial.cell", hidden, depth)
    readout = try source.linear("readout", hidden, depth)
  }

  func query(_ hidden: UnsafePointer<Float>, rows: Int, into query: UnsafeMutablePointer<Float>) {
    self.query.multiply(hidden, rows: rows, into: query)
  }

  func recurrent(_ joined: UnsafePointer<Float>, rows: Int, addingTo gates: UnsafeMutablePointer<Float>) {
    recurrent.multiply(joined, rows: rows, into: gates, adding: true)
  }
}
