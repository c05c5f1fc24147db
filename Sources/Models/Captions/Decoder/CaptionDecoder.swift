import Compute
import Networks
import Tensors

/// Writes a caption word by word. Words and the encoder's grids of all frames go in, the vocabulary's logits come out; what
/// is between them is a core.
package struct DecoderNetwork<Matrix: WeightMatrix>: Sendable {
  package let sizes: DecoderSizes
  /// [words, embedding]
  package var embedding: Matrix
  /// What is added to each word's embedding in a style: [styles, embedding]
  package var style: Tensor
  /// From a grid position's channels to its value, followed by ReLU: [projection, channels]
  package var projection: LinearLayer<Matrix>
  /// What is added before the ReLU in a clip's frames, from its beginning (the first row) to its end (the last),
  /// between rows by their shares: [frameKnots, projection]
  package var positionEmbedding: Tensor
  package var core: DecoderCore<Matrix>
  /// From the core's output to the words' logits: [words, hidden]
  package var output: LinearLayer<Matrix>

  private init<Failure: Error>(
    _ sizes: DecoderSizes, from source: WeightSource<Matrix, Failure>
  ) throws(Failure) {
    self.sizes = sizes
    embedding = try source.table("embedding.weight", [sizes.words, sizes.embedding])
    style = try source.tensor("style.weight", [sizes.styles ?? 0, sizes.embedding])
    positionEmbedding = try source.tensor("place.weight", [sizes.frameKnots ?? 0, sizes.projection])
    projection = try source.linear("projection", sizes.projection, sizes.channels)
    core = try DecoderCore(sizes, from: source)
    output = try source.linear("output", sizes.words, sizes.hidden)
  }
}

/// A decoder that learns.
package typealias CaptionDecoder = DecoderNetwork<Tensor>

/// The decoder in the form that makes captions. Workers share one.
package typealias FixedDecoder = DecoderNetwork<FixedMatrix>

extension DecoderNetwork: Learned where Matrix == Tensor {
  /// Random weights to start training from; without a generator, those that are random are zero.
  package init(_ sizes: DecoderSizes, using random: inout RandomGenerator?) {
    self.sizes = sizes
    embedding = Tensor(shape: [sizes.words, sizes.embedding], normal: 0.5, using: &random)
    style = Tensor(shape: [sizes.styles ?? 0, sizes.embedding], normal: 0.1, using: &random)
    positionEmbedding = Tensor(
      shape: [sizes.frameKnots ?? 0, sizes.projection], normal: 0.1, using: &random)
    projection = Linear(inputs: sizes.channels, outputs: sizes.projection, using: &random)
    core = DecoderCore(sizes, using: &random)
    output = Linear(inputs: sizes.hidden, outputs: sizes.words, using: &random)
  }

  /// Weights read from a file, under the prefix `decoder`.
  package init(_ sizes: DecoderSizes, from file: SafetensorsFile) throws(SafetensorsError) {
    try self.init(sizes, from: WeightSource(file, "decoder"))
  }

  package var parameters: [Parameter<CaptionDecoder>] {
    [
      Parameter("embedding.weight", \.embedding), Parameter("style.weight", \.style),
      Parameter("place.weight", \.positionEmbedding),
    ] + projection.parameters(of: "projection", at: \.projection) + core.parameters(of: nil, at: \.core)
      + output.parameters(of: "output", at: \.output)
  }
}

extension DecoderNetwork where Matrix == FixedMatrix {
  /// Rounds the weights of a decoder in training.
  package init(_ decoder: CaptionDecoder, in numbers: DecoderNumbers = .half) {
    self.init(decoder.sizes, from: WeightSource(numbers, rounding: decoder))
  }

  /// Weights from a file, under the prefix `decoder`.
  package init(
    _ sizes: DecoderSizes, in numbers: DecoderNumbers = .half, from file: SafetensorsFile
  ) throws(SafetensorsError) {
    try self.init(sizes, from: WeightSource(numbers, file, "decoder"))
  }
}
