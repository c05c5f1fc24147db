import Networks
import Tensors

/// What is between a decoder's words and its logits, one of two: the LSTM that attends, or a Transformer.
package enum DecoderCore<Matrix: WeightMatrix>: Sendable {
  case lstm(AttentionLSTM<Matrix>)
  case transformer(Transformer<Matrix>)

  /// - Parameter source: see `DecoderNetwork`
  init<Failure: Error>(
    _ sizes: DecoderSizes, from source: WeightSource<Matrix, Failure>
  ) throws(Failure) {
    if let transformer = sizes.transformer {
      self = .transformer(
        try Transformer(
          sizes, transformer,
          linear: { (name, inputs, outputs) throws(Failure) in
            try source.linear("transformer." + name, outputs, inputs)
          },
          norm: { (name, width) throws(Failure) in
            LayerNorm(
              weight: try source.tensor("transformer.\(name).weight", [width]),
              bias: try source.tensor("transformer.\(name).bias", [width]))
          }))
    } else {
      self = .lstm(try AttentionLSTM(sizes, from: source))
    }
  }
}

extension DecoderCore: Learned where Matrix == Tensor {
  /// Random weights to start training from; without a generator, those that are random are zero.
  init(_ sizes: DecoderSizes, using random: inout RandomGenerator?) {
    if let transformer = sizes.transformer {
      self = .transformer(Transformer(sizes, transformer, using: &random))
    } else {
      self = .lstm(AttentionLSTM(sizes, using: &random))
    }
  }

  package var parameters: [Parameter<DecoderCore>] {
    switch self {
    case .lstm(let core): core.parameters.map { Parameter($0.name, \DecoderCore.[lstm: $0.path]) }
    case .transformer(let core):
      core.parameters.map { Parameter("transformer." + $0.name, \DecoderCore.[transformer: $0.path]) }
    }
  }

  /// A tensor of the LSTM; empty, and not to be set, where the core is a Transformer.
  subscript(lstm path: WritableKeyPath<AttentionLSTM<Tensor>, Tensor>) -> Tensor {
    get {
      guard case .lstm(let core) = self else { return Tensor(shape: [0]) }
      return core[keyPath: path]
    }
    set { updateLSTM { $0[keyPath: path] = newValue } }
  }

  /// A tensor of the Transformer; empty, and not to be set, where the core is an LSTM.
  subscript(transformer path: WritableKeyPath<Transformer<Tensor>, Tensor>) -> Tensor {
    get {
      guard case .transformer(let core) = self else { return Tensor(shape: [0]) }
      return core[keyPath: path]
    }
    set { updateTransformer { $0[keyPath: path] = newValue } }
  }

  /// Changes the LSTM where it is: nothing is copied. Does nothing where the core is a Transformer.
  mutating func updateLSTM(_ body: (inout AttentionLSTM<Tensor>) -> Void) {
    switch consume self {
    case .lstm(var core):
      body(&core)
      self = .lstm(core)
    case .transformer(let core): self = .transformer(core)
    }
  }

  /// Changes the Transformer where it is: nothing is copied. Does nothing where the core is an LSTM.
  mutating func updateTransformer(_ body: (inout Transformer<Tensor>) -> Void) {
    switch consume self {
    case .lstm(let core): self = .lstm(core)
    case .transformer(var core):
      body(&core)
      self = .transformer(core)
    }
  }
}
