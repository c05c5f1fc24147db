import Compute
import Networks
import Tensors

/// The Transformer that writes a caption word by word, BERT's (Devlin et al. 2019) with the norms behind what they are for. In GIT a
/// picture's tokens stand before the words, and attend to one another; in BLIP the words attend to them in layers apart.
package struct WordTransformer: Sendable {
  package typealias Matrix = FixedMatrix
  package typealias Sizes = CheckpointConfiguration.Decoder

  struct Layer: Sendable {
    let words: MultiHeadAttention<Matrix>
    let wordsNorm: LayerNorm
    /// Over the picture's tokens alone.
    let picture: (attention: MultiHeadAttention<Matrix>, norm: LayerNorm)?
    let inner, outer: LinearLayer<Matrix>
    let feedNorm: LayerNorm
  }

  /// How the picture's tokens become words that stand before the others.
  struct Prefix: Sendable {
    /// [width, the encoder's width]
    let projection: LinearLayer<Matrix>
    let norm: LayerNorm
    /// [frames, the encoder's width], what is added to the tokens of a clip's frames; empty for photographs alone
    let frames: Tensor
  }

  package let sizes: Sizes
  /// Width of the picture's tokens.
  let channels: Int
  /// [words, width]
  let embedding: Matrix
  /// [positions, width]
  let positions: Matrix
  let norm: LayerNorm
  let prefix: Prefix?
  let layers: [Layer]
  /// What comes before the words' scores.
  let head: (dense: LinearLayer<Matrix>, norm: LayerNorm)?
  /// [words, width]
  let output: LinearLayer<Matrix>

  /// Weights from a source, under `decoder`.
  init<Failure>(
    _ configuration: CheckpointConfiguration, from source: WeightSource<Matrix, Failure>
  ) throws(Failure) {
    let sizes = configuration.decoder
    (self.sizes, channels) = (sizes, configuration.encoder.width)
    let width = sizes.width
    func norm(_ name: String, _ epsilon: Float? = nil) throws(Failure) -> LayerNorm {
      try source.norm("decoder." + name, width, epsilon ?? sizes.epsilon)
    }
    func linear(_ name: String, _ outputs: Int, _ inputs: Int) throws(Failure) -> LinearLayer<Matrix> {
      try source.linear("decoder." + name, outputs, inputs)
    }
    func attention(_ name: String, entries: Int) throws(Failure) -> MultiHeadAttention<Matrix> {
      try source.attention("decoder." + name, heads: sizes.heads, width, entries: entries)
    }
    embedding = try source.table("decoder.embedding.weight", [sizes.words, width])
    positions = try source.table("decoder.positions.weight", [sizes.positions, width])
    self.norm = try norm("norm")
    let isApart = configuration.architecture == .blip
    prefix =
      isApart
      ? nil
      : Prefix(
        projection: try linear("prefix", width, channels),
        norm: try norm("prefix_norm", configuration.encoder.epsilon),
        frames: try source.tensor("decoder.frames", [sizes.frames > 1 ? sizes.frames : 0, channels]))
    var layers: [Layer] = []
    for index in 0..<sizes.layers {
      layers.append(
        Layer(
          words: try attention("\(index).words", entries: width), wordsNorm: try norm("\(index).words_norm"),
          picture: isApart
            ? (try attention("\(index).picture", entries: channels), try norm("\(index).picture_norm"))
            : nil,
          inner: try linear("\(index).inner", sizes.feedForward, width),
          outer: try linear("\(index).outer", width, sizes.feedForward),
          feedNorm: try norm("\(index).feed_norm")))
    }
    self.layers = layers
    head = isApart ? (try linear("head", width, width), try norm("head_norm")) : nil
    output = LinearLayer(
      weight: try source.matrix(
        sizes.tiesOutput ? "decoder.embedding.weight" : "decoder.output.weight", [sizes.words, width]),
      bias: try source.tensor("decoder.output.bias", [sizes.words]))
  }
}
