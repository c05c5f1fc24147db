import Compute
import Narration
import Networks
import Tensors

/// One shard of a batch, its memory and its gradient.
final class ShardWorker {
  private let pass = TeacherForcing()
  private let arena = Arena()
  private let encoder: EncoderTraining?
  private let critic: CaptionCritic?
  private let sampler = CaptionSampler()
  /// [images, 3, side, side]
  private var pixels = Tensor(shape: [0])
  private var decoderGradient: CaptionDecoder?
  private var encoderGradient: EncoderWeights
  private(set) var loss = CaptionLoss()

  /// - Parameters:
  ///   - encoder: for examples that are pictures
  ///   - critic: nil where the captions given are learned
  init(_ network: CaptionNetwork, encoder: EncoderTraining? = nil, critic: CaptionCritic? = nil) {
    (decoderGradient, encoderGradient) = (network.decoder.zeros, network.encoder.zeros)
    (self.encoder, self.critic) = (encoder, critic)
    if let encoder {
      pixels = Tensor(shape: [encoder.images, 3, encoder.network.inputSize, encoder.network.inputSize])
    }
  }

  var gradient: CaptionNetwork {
    guard let decoderGradient else { preconditionFailure("a worker keeps its gradient") }
    return CaptionNetwork(decoder: decoderGradient, encoder: encoderGradient)
  }

  func run(
    _ network: CaptionNetwork, _ examples: [TrainingExample], regularization: Regularization,
    totals: TeacherForcing.Totals, seed: UInt64, learning: Bool
  ) throws {
    loss = CaptionLoss()
    if learning {
      decoderGradient?.fill(0)
      encoderGradient.fill(0)
    }
    guard let first = examples.first else { return }
    arena.reset()
    let (features, positions) =
      switch first.frames {
      case .stored: try stored(examples)
      case .picture: try encoded(examples, network.encoder)
      }
    if learning, let critic {
      var random = RandomGenerator(seed: seed)
      let (batch, drawn) = try critic.batch(
        network.decoder, examples, features: features, positions: positions, sampler: sampler, using: &random)
      _ = learn(network, features, positions, batch, regularization, totals, seed)
      loss = drawn
      return
    }
    let captions = examples.enumerated().flatMap { index, example in
      example.captions.map { (words: $0, image: index) }
    }
    let batch = CaptionBatch(
      images: examples.count, captions: captions, frames: examples.map(\.frames.count),
      styles: examples.map(\.style))
    if learning {
      loss = learn(network, features, positions, batch, regularization, totals, seed)
    } else {
      var none: CaptionDecoder?
      loss = pass.run(
        network.decoder, features: features, positions: positions, batch: batch,
        regularization: regularization, totals: totals, seed: seed, gradient: &none)
    }
  }

  /// Forward and backward, through the encoder's last layers where they learn.
  private func learn(
    _ network: CaptionNetwork, _ features: UnsafePointer<Float>, _ positions: Int, _ batch: CaptionBatch,
    _ regularization: Regularization, _ totals: TeacherForcing.Totals, _ seed: UInt64
  ) -> CaptionLoss {
    let slope = encoder.map { arena.zeros($0.images * positions * EfficientNetLite.channels) }
    let loss = pass.run(
      network.decoder, features: features, positions: positions, batch: batch,
      regularization: regularization, totals: totals, seed: seed, gradient: &decoderGradient,
      featureGradient: slope)
    if let encoder, let slope {
      encoder.backward(slope, network.encoder, gradient: &encoderGradient)
    }
    return loss
  }

  private func stored(_ examples: [TrainingExample]) throws -> (UnsafePointer<Float>, positions: Int) {
    var (all, positions) = ([(store: FeatureStore, record: Int)](), 0)
    for case .stored(let store, let records) in examples.map(\.frames) {
      all += records.map { (store, $0) }
      positions = store.layout.positions
    }
    let size = positions * EfficientNetLite.channels
    let features = arena.floats(all.count * size)
    for (index, place) in all.enumerated() {
      try place.store.read(place.record, into: features + index * size)
    }
    return (UnsafePointer(features), positions)
  }

  private func encoded(
    _ examples: [TrainingExample], _ weights: EncoderWeights
  ) throws -> (UnsafePointer<Float>, positions: Int) {
    guard let encoder else { preconditionFailure("pictures need an encoder") }
    let side = encoder.network.inputSize
    precondition(examples.count <= encoder.images)
    for (index, example) in examples.enumerated() {
      guard case .picture(let picture) = example.frames else { preconditionFailure("pictures alone") }
      try picture.read(side: side, into: pixels.mutablePointer + index * 3 * side * side)
    }
    return (encoder.forward(pixels.pointer, weights), encoder.positions)
  }

  func add(_ other: ShardWorker) {
    func add<Part: Learned>(_ part: Part, to sum: inout Part) {
      for place in part.places {
        var target = sum.take(place.path)
        Networks.add(part[keyPath: place.path].pointer, to: target.mutablePointer, count: target.count)
        sum[keyPath: place.path] = target
      }
    }
    if let theirs = other.decoderGradient { add(theirs, to: &decoderGradient!) }
    add(other.encoderGradient, to: &encoderGradient)
  }
}
