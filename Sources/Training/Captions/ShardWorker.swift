import Compute
import Models
import Narration
import Networks
import Tensors

/// One shard of a batch, its memory and its gradient.
final class ShardWorker {
  /// What makes features of pictures.
  enum Encoder {
    /// One picture of each example.
    case learning(EncoderTraining)
    /// All frames of each example.
    case frozen(GridEncoder)
  }

  private let pass = TeacherForcing()
  private let arena = Arena()
  private let encoder: Encoder?
  private let critic: CaptionCritic?
  private let sampler = CaptionSampler()
  private var decoderGradient: CaptionDecoder?
  private var encoderGradient: EncoderWeights
  private(set) var loss = CaptionLoss()

  /// - Parameters:
  ///   - encoder: for examples that are pictures
  ///   - critic: nil where the captions given are learned
  init(_ network: CaptionNetwork, encoder: Encoder? = nil, critic: CaptionCritic? = nil) {
    (decoderGradient, encoderGradient) = (network.decoder.zeros, network.encoder.zeros)
    (self.encoder, self.critic) = (encoder, critic)
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
      case .pictures: try encoded(examples, network.encoder)
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
    var featureGradient: UnsafeMutablePointer<Float>?
    if case .learning(let encoder) = encoder {
      featureGradient = arena.zeros(encoder.images * positions * EfficientNetLite.channels)
    }
    let loss = pass.run(
      network.decoder, features: features, positions: positions, batch: batch,
      regularization: regularization, totals: totals, seed: seed, gradient: &decoderGradient,
      featureGradient: featureGradient)
    if case .learning(let encoder) = encoder, let featureGradient {
      encoder.backward(featureGradient, network.encoder, gradient: &encoderGradient)
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
    for (index, (store, record)) in all.enumerated() {
      try store.read(record, into: features + index * size)
    }
    return (UnsafePointer(features), positions)
  }

  private func encoded(
    _ examples: [TrainingExample], _ weights: EncoderWeights
  ) throws -> (UnsafePointer<Float>, positions: Int) {
    let frames = examples.map { example in
      guard case .pictures(let frames) = example.frames else { preconditionFailure("pictures alone") }
      return frames
    }
    switch encoder {
    case .learning(let encoder):
      return (try encoded(frames, encoder, weights), encoder.positions)
    case .frozen(let encoder):
      return (try encoded(frames, encoder), encoder.positions)
    case nil: preconditionFailure("pictures need an encoder")
    }
  }

  private func encoded(
    _ pictures: [AugmentedFrames], _ encoder: EncoderTraining, _ weights: EncoderWeights
  ) throws -> UnsafePointer<Float> {
    precondition(pictures.count <= encoder.images && pictures.allSatisfy { $0.count == 1 })
    let size = 3 * encoder.network.inputSize * encoder.network.inputSize
    let pixels = arena.floats(encoder.images * size)
    for (index, picture) in pictures.enumerated() {
      try picture.read(side: encoder.network.inputSize, into: pixels + index * size)
    }
    (pixels + pictures.count * size).update(repeating: 0, count: (encoder.images - pictures.count) * size)
    return encoder.forward(pixels, weights)
  }

  private func encoded(
    _ clips: [AugmentedFrames], _ encoder: GridEncoder
  ) throws -> UnsafePointer<Float> {
    let size = 3 * encoder.network.inputSize * encoder.network.inputSize
    let record = encoder.positions * EfficientNetLite.channels
    let features = arena.floats(clips.reduce(0) { $0 + $1.count } * record)
    let pixels = arena.floats((clips.map(\.count).max() ?? 0) * size)
    var next = features
    for clip in clips {
      try clip.read(side: encoder.network.inputSize, into: pixels)
      for frame in 0..<clip.count {
        next.update(from: encoder.encode(pixels + frame * size), count: record)
        next += record
      }
    }
    return UnsafePointer(features)
  }

  func add(_ other: ShardWorker) {
    func add<Part: Learned>(_ part: Part, to sum: inout Part) {
      for parameter in part.parameters {
        var target = sum.take(parameter.path)
        Networks.add(part[keyPath: parameter.path].pointer, to: target.mutablePointer, count: target.count)
        sum[keyPath: parameter.path] = target
      }
    }
    // Forced: it is optional only because `TeacherForcing` takes one that may be wanted or not, and a worker always has it.
    if let theirs = other.decoderGradient { add(theirs, to: &decoderGradient!) }
    add(other.encoderGradient, to: &encoderGradient)
  }
}
