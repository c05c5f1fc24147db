import Networks
import Tensors

/// What is between a decoder's words and its logits, one of two: a recurrence that attends, or a Transformer.
package enum DecoderCore<Matrix: WeightMatrix>: Sendable {
  case recurrent(RecurrentCore<Matrix>)
  case transformer(Transformer<Matrix>)

  /// - Parameter source: see `DecoderNetwork`
  init<Failure: Error>(
    _ sizes: DecoderSizes, from source: WeightSource<Matrix, Failure>
  ) throws(Failure) {
    if let transformer = sizes.transformer {
      self = .transformer(
        try Transformer(
          width: sizes.hidden, attention: sizes.attention, values: sizes.projection, transformer,
          prefix: "transformer.", from: source))
    } else {
      self = .recurrent(try RecurrentCore(sizes, from: source))
    }
  }
}

extension DecoderCore: Learned where Matrix == Tensor {
  /// Random weights to start training from; without a generator, those that are random are zero.
  init(_ sizes: DecoderSizes, using random: inout RandomGenerator?) {
    if let transformer = sizes.transformer {
      self = .transformer(
        Transformer(
          width: sizes.hidden, attention: sizes.attention, values: sizes.projection, transformer,
          using: &random))
    } else {
      self = .recurrent(RecurrentCore(sizes, using: &random))
    }
  }

  package var parameters: [Parameter<DecoderCore>] {
    switch self {
    case .recurrent(let core): core.parameters.map { Parameter($0.name, \DecoderCore.[recurrent: $0.path]) }
    case .transformer(let core):
      core.parameters.map { Parameter("transformer." + $0.name, \DecoderCore.[transformer: $0.path]) }
    }
  }

  /// A tensor of the recurrence; empty, and not to be set, where the core is a Transformer.
  subscript(recurrent path: WritableKeyPath<RecurrentCore<Tensor>, Tensor>) -> Tensor {
    get {
      guard case .recurrent(let core) = self else { return Tensor(shape: [0]) }
      return core[keyPath: path]
    }
    set { updateRecurrent { $0[keyPath: path] = newValue } }
  }

  /// A tensor of the Transformer; empty, and not to be set, where the core is recurrent.
  subscript(transformer path: WritableKeyPath<Transformer<Tensor>, Tensor>) -> Tensor {
    get {
      guard case .transformer(let core) = self else { return Tensor(shape: [0]) }
      return core[keyPath: path]
    }
    set { updateTransformer { $0[keyPath: path] = newValue } }
  }

  /// Changes the recurrence where it is: nothing is copied. Does nothing where the core is a Transformer.
  mutating func updateRecurrent(_ body: (inout RecurrentCore<Tensor>) -> Void) {
    switch consume self {
    case .recurrent(var core):
      body(&core)
      self = .recurrent(core)
    case .transformer(let core): self = .transformer(core)
    }
  }

  /// Changes the Transformer where it is: nothing is copied. Does nothing where the core is recurrent.
  mutating func updateTransformer(_ body: (inout Transformer<Tensor>) -> Void) {
    switch consume self {
    case .recurrent(let core): self = .recurrent(core)
    case .transformer(var core):
      body(&core)
      self = .transformer(core)
    }
  }
}
