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
  private let precision: ProductPrecision
  private let sampler = CaptionSampler()
  private var decoderGradient: CaptionDecoder?
  private var encoderGradient: EncoderWeights
  private(set) var loss = CaptionLoss()

  /// - Parameters:
  ///   - encoder: for examples that are pictures
  ///   - critic: nil where the captions given are learned
  ///   - precision: of the decoder's products of matrices while it learns
  init(
    _ network: CaptionNetwork, encoder: Encoder? = nil, critic: CaptionCritic? = nil,
    precision: ProductPrecision = .single
  ) {
    self.precision = precision
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
    _ network: CaptionNetwork, _ features: Rows, _ positions: Int, _ batch: CaptionBatch,
    _ regularization: Regularization, _ totals: TeacherForcing.Totals, _ seed: UInt64
  ) -> CaptionLoss {
    func run(_ featureGradient: MutableRows?) -> CaptionLoss {
      precision.run {
        pass.run(
          network.decoder, features: features, positions: positions, batch: batch,
          regularization: regularization, totals: totals, seed: seed, gradient: &decoderGradient,
          featureGradient: featureGradient)
      }
    }
    guard case .learning(let encoder) = encoder else { return run(nil) }
    // The encoder has room for more pictures than the last shard's.
    let featureGradient = arena.zeros(encoder.images * positions, features.columns)
    let loss = run(featureGradient[0..<features.rows])
    encoder.backward(Rows(featureGradient), network.encoder, gradient: &encoderGradient)
    return loss
  }

  private func stored(_ examples: [TrainingExample]) throws -> (Rows, positions: Int) {
    var (all, positions) = ([(store: FeatureStore, record: Int)](), 0)
    for case .stored(let store, let records) in examples.map(\.frames) {
      all += records.map { (store, $0) }
      positions = store.layout.positions
    }
    let features = arena.rows(all.count * positions, EfficientNetLite.channels)
    for (index, (store, record)) in all.enumerated() {
      try store.read(record, into: features[index * positions..<(index + 1) * positions])
    }
    return (Rows(features), positions)
  }

  private func encoded(
    _ examples: [TrainingExample], _ weights: EncoderWeights
  ) throws -> (Rows, positions: Int) {
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
  ) throws -> Rows {
    precondition(pictures.count <= encoder.images && pictures.allSatisfy { $0.count == 1 })
    let side = encoder.network.inputSize
    let pixels = arena.rows(3 * encoder.images, side * side)
    for (index, picture) in pictures.enumerated() {
      try picture.read(side: side, into: pixels[3 * index..<3 * (index + 1)])
    }
    pixels[3 * pictures.count..<pixels.rows].fill(0)
    return encoder.forward(Rows(pixels), weights)[0..<pictures.count * encoder.positions]
  }

  private func encoded(_ clips: [AugmentedFrames], _ encoder: GridEncoder) throws -> Rows {
    let (side, positions) = (encoder.network.inputSize, encoder.positions)
    let features = arena.rows(clips.reduce(0) { $0 + $1.count } * positions, EfficientNetLite.channels)
    let pixels = arena.rows(3 * (clips.map(\.count).max() ?? 0), side * side)
    var first = 0
    for clip in clips {
      try clip.read(side: side, into: pixels[0..<3 * clip.count])
      for frame in 0..<clip.count {
        features[first..<first + positions].copy(
          from: encoder.encode(Rows(pixels[3 * frame..<3 * (frame + 1)])))
        first += positions
      }
    }
    return Rows(features)
  }

  func add(_ other: ShardWorker) {
    // Forced: it is optional only because `TeacherForcing` takes one that may be wanted or not, and a worker always has it.
    if let theirs = other.decoderGradient { decoderGradient!.accumulate(theirs) }
    encoderGradient.accumulate(other.encoderGradient)
  }
}
