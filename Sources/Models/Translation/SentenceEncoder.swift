import Compute
import Networks
import Tensors

/// Reads a sentence: from its units to a vector for each of them, which a decoder attends to as to the frames of a clip. Between
/// them are recurrences in both directions (Bahdanau et al. 2015, section 3.2) or a Transformer.
package struct SentenceEncoder<Matrix: WeightMatrix>: Sendable {
  package enum Core: Sendable {
    case recurrent([BidirectionalLayer<Matrix>])
    case transformer(Transformer<Matrix>)
  }

  package let sizes: SentenceEncoderSizes
  /// [units, embedding]
  package var embedding: Matrix
  package var core: Core

  /// - Parameter source: see `DecoderNetwork`
  init<Failure: Error>(
    _ sizes: SentenceEncoderSizes, from source: WeightSource<Matrix, Failure>
  ) throws(Failure) {
    self.sizes = sizes
    embedding = try source.table("embedding.weight", [sizes.units, sizes.embedding])
    if let transformer = sizes.transformer {
      core = .transformer(
        try Transformer(
          width: sizes.embedding, attention: sizes.hidden, values: nil, transformer, prefix: "transformer.",
          from: source))
    } else {
      var layers: [BidirectionalLayer<Matrix>] = []
      for index in 0..<sizes.layers {
        layers.append(
          try source.bidirectional(
            "\(index)", sizes.cell ?? .lstm, inputs: index == 0 ? sizes.embedding : 2 * sizes.hidden,
            width: sizes.hidden))
      }
      core = .recurrent(layers)
    }
  }
}

extension SentenceEncoder: Learned where Matrix == Tensor {
  /// Random weights to start training from; without a generator, those that are random are zero.
  package init(_ sizes: SentenceEncoderSizes, using random: inout RandomGenerator?) {
    self.sizes = sizes
    // A Transformer adds positions of magnitude 1 to them.
    embedding = Tensor(shape: [sizes.units, sizes.embedding], normal: 0.5, using: &random)
    if let transformer = sizes.transformer {
      core = .transformer(
        Transformer(
          width: sizes.embedding, attention: sizes.hidden, values: nil, transformer, using: &random))
    } else {
      var layers: [BidirectionalLayer<Tensor>] = []
      for index in 0..<sizes.layers {
        layers.append(
          BidirectionalLayer(
            sizes.cell ?? .lstm, inputs: index == 0 ? sizes.embedding : 2 * sizes.hidden,
            width: sizes.hidden, using: &random))
      }
      core = .recurrent(layers)
    }
  }

  package var parameters: [Parameter<SentenceEncoder>] {
    let embedding = [Parameter("embedding.weight", \SentenceEncoder.embedding)]
    switch core {
    case .recurrent(let layers):
      return embedding
        + layers.indices.flatMap { index in
          layers[index].parameters.map {
            Parameter("\(index).\($0.name)", \SentenceEncoder.core[layer: index, $0.path])
          }
        }
    case .transformer(let core):
      return embedding
        + core.parameters.map {
          Parameter("transformer.\($0.name)", \SentenceEncoder.core[transformer: $0.path])
        }
    }
  }
}

extension SentenceEncoder.Core where Matrix == Tensor {
  /// A tensor of a recurrent layer; empty, and not to be set, where the core is a Transformer.
  subscript(layer index: Int, path: WritableKeyPath<BidirectionalLayer<Tensor>, Tensor>) -> Tensor {
    get {
      guard case .recurrent(let layers) = self else { return Tensor(shape: [0]) }
      return layers[index][keyPath: path]
    }
    set { update(layer: index) { $0[keyPath: path] = newValue } }
  }

  /// A tensor of the Transformer; empty, and not to be set, where the core is recurrent.
  subscript(transformer path: WritableKeyPath<Transformer<Tensor>, Tensor>) -> Tensor {
    get {
      guard case .transformer(let core) = self else { return Tensor(shape: [0]) }
      return core[keyPath: path]
    }
    set { updateTransformer { $0[keyPath: path] = newValue } }
  }

  /// Changes a recurrent layer where it is: nothing is copied. Does nothing where the core is a Transformer.
  mutating func update(layer index: Int, _ body: (inout BidirectionalLayer<Tensor>) -> Void) {
    switch consume self {
    case .recurrent(var layers):
      body(&layers[index])
      self = .recurrent(layers)
    case .transformer(let core): self = .transformer(core)
    }
  }

  /// Changes the Transformer where it is: nothing is copied. Does nothing where the core is recurrent.
  mutating func updateTransformer(_ body: (inout Transformer<Tensor>) -> Void) {
    switch consume self {
    case .recurrent(let layers): self = .recurrent(layers)
    case .transformer(var core):
      body(&core)
      self = .transformer(core)
    }
  }
}
