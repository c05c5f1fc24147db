import Compute
import Models
import Narration
import Networks
import Tensors

/// A picture to learn from.
struct WordExample: Sendable {
  let picture: AugmentedFrames
  /// The data set that it is from.
  let style: Int
  /// What share of its captions names each concept.
  let shares: [Int: Float]
}

/// One shard of a batch, its memory and its gradient.
final class EncoderShard {
  private let encoder: EncoderTraining
  private let arena = Arena()
  private let dropouts: (features: Float, units: Float)
  private(set) var gradient: WordNetwork
  private(set) var loss = 0.0

  init(_ network: WordNetwork, _ encoder: EncoderTraining, _ settings: EncoderSettings.Detector) {
    (gradient, self.encoder) = (network.zeros, encoder)
    dropouts = (Float(settings.featureDropout), Float(settings.unitDropout))
  }

  /// - Parameter images: of the whole batch
  func run(_ network: WordNetwork, _ examples: [WordExample], of images: Int, seed: UInt64) throws {
    loss = 0
    gradient.fill(0)
    guard !examples.isEmpty else { return }
    precondition(examples.count <= encoder.images)
    arena.reset()
    let (side, rows) = (encoder.network.inputSize, examples.count * encoder.positions)
    let pixels = arena.rows(3 * encoder.images, side * side)
    for (index, example) in examples.enumerated() {
      try example.picture.read(side: side, into: pixels[3 * index..<3 * (index + 1)])
    }
    pixels[3 * examples.count..<pixels.rows].fill(0)
    let features = encoder.forward(Rows(pixels), network.encoder)[0..<rows]
    let pass = WordDetectorPass(
      network.detector, features: features, images: examples.count, styles: examples.map(\.style),
      featureDropout: dropouts.features, unitDropout: dropouts.units, seed: seed, arena: arena)
    loss = pass.loss(examples.map(\.shares), scale: 1 / Float(images))
    // The encoder has room for more pictures than the last shard's.
    let featureGradient = arena.zeros(encoder.images * encoder.positions, features.columns)
    pass.backward(gradient: &gradient.detector, features: featureGradient[0..<rows], arena: arena)
    encoder.backward(Rows(featureGradient), network.encoder, gradient: &gradient.encoder)
  }

  func add(_ other: EncoderShard) { gradient.accumulate(other.gradient) }
}
