import Datasets
import Language
import Models
import Narration

/// Every setting of a training run, with its default: what `--print-config` shows and `--config` reads.
package struct CaptionSettings: Codable, Equatable, Sendable {
  package struct Encoder: Codable, Equatable, Sendable {
    /// A network that there are ImageNet weights for: one of `architectures`.
    package var architecture = "efficientnet-lite2"
    /// Side of the square picture, in pixels.
    package var inputSize = 260
    package static let architectures = ["efficientnet-lite1", "efficientnet-lite2"]
  }

  package struct Vocabulary: Codable, Equatable, Sendable {
    /// Words seen less often in the training captions are unknown to the decoder.
    package var minimumCount = 5
  }

  package struct Captions: Codable, Equatable, Sendable {
    /// Captions of a picture or clip that are learned from: those that agree most with its others, by CIDEr-D; 0 is
    /// all of them.
    package var mostAgreeing = 10
  }

  /// The decoder and the widths of its layers.
  package struct Decoder: Codable, Equatable, Sendable {
    /// `lstm`: an LSTM that attends after each word (Xu et al. 2015, Lu et al. 2017); `transformer` (Vaswani et al. 2017),
    /// whose embedding must be as wide as its hidden states.
    package var architecture = "lstm"
    package var embedding = 512
    package var hidden = 512
    /// Of keys and queries; a Transformer's heads share it.
    package var attention = 256
    /// A Transformer's layers, the heads of each attention, and the units between its layers.
    package var layers = 3
    package var heads = 8
    package var feedForward = 1024
    /// Channels that the encoder's features are projected to.
    package var projection = 512
    /// Knots of the code for a frame's place in a clip.
    package var places = 4
    /// Longer captions are cut.
    package var maximumWords = 20
    package static let architectures = ["lstm", "transformer"]
  }

  package struct Regularisation: Codable, Equatable, Sendable {
    /// Probabilities of dropping a value.
    package var outputDropout = 0.5
    package var embeddingDropout = 0.3
    package var featureDropout = 0.3
    /// Of what each part of a Transformer's layers adds.
    package var layerDropout = 0.1
    /// Share of the target's probability that is spread over all words.
    package var labelSmoothing = 0.1
    /// Weight of an LSTM's doubly stochastic attention term (Xu et al. 2015, equation 14).
    package var attentionPenalty = 1.0
    /// Decoupled, per step and unit of learning rate (Loshchilov and Hutter 2019).
    package var weightDecay = 0.0
  }

  /// The first stage, in which the decoder learns alone, and what holds for all of them.
  package struct Optimisation: Codable, Equatable, Sendable {
    package var learningRate = 1e-3
    package var warmupSteps = 100
    /// The learning rate's factor after each epoch.
    package var decayPerEpoch = 0.88
    /// Largest Euclidean norm of the whole gradient.
    package var gradientClip = 5.0
    /// Adam's (Kingma and Ba 2015).
    package var beta1 = 0.9
    package var beta2 = 0.999
    package var epsilon = 1e-8
    /// Decay of the moving average of the weights per step; 0 is no average.
    package var averageDecay = 0.998
    package var imagesPerBatch = 16
    package var captionsPerImage = 5
    /// Parts of a batch that are computed on their own and summed in order: the result does not depend on
    /// `--threads`.
    package var shards = 2
    /// 0 leaves the stage out.
    package var epochs = 14
    /// Epochs of a stage without a better validation score before it ends.
    package var patience = 3
    /// Whether half of the pictures are shown mirrored, at random.
    package var flips = true
  }

  /// The second stage: the encoder's last blocks learn along with the decoder.
  package struct FineTuning: Codable, Equatable, Sendable {
    /// 0 leaves the stage out.
    package var epochs = 0
    /// Blocks of the encoder that learn, from its end; the last convolution always does.
    package var blocks = 13
    package var captionsPerImage = 3
    package var encoderRate = 5e-5
    package var decoderRate = 1.5e-4
    package var warmupSteps = 100
    /// The learning rates' factor after each epoch.
    package var decayPerEpoch = 0.5
    /// Pictures are cut to a random rectangle with at least this share of their area.
    package var smallestCrop = 0.7
    /// How far brightness, contrast and saturation are changed at random, at most.
    package var colour = 0.2
  }

  /// The last stage: captions that the decoder draws itself are made likelier by how much better than its other ones they
  /// score (self-critical sequence training, Rennie et al. 2017; the mean of the others as the baseline, Luo 2020).
  package struct SelfCritical: Codable, Equatable, Sendable {
    /// 0 leaves the stage out.
    package var epochs = 0
    /// Captions drawn of a picture.
    package var samples = 5
    package var learningRate = 1e-4
    package var warmupSteps = 100
    /// The learning rate's factor after each epoch.
    package var decayPerEpoch = 0.75
    /// Whether the probabilities that are learned have the dropout of `regularisation`; drawing never has.
    package var dropout = true
    /// Whether pictures are cut and coloured at random as in fine-tuning, and encoded anew each time; the encoder stays as it
    /// is. Without it the decoder soon knows each picture by its features. Videos are decoded for each of their clips' turns.
    package var augmentation = true
    /// How far the model's decoder is from the one that the stage began with to the moving average of what it has become: 1 is
    /// all the way (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"). What stands between describes as well, and
    /// is less sure of one sentence, which leaves the reranker more to choose from.
    package var interpolation = 0.7
  }

  package struct Validation: Codable, Equatable, Sendable {
    package var beam = 3
    /// Beams are ranked by log-probability / words^exponent.
    package var lengthExponent = 0.7
    /// `any`: every word may occur twice in a caption; `english`: words of English grammar and numbers alone.
    package var repetition = Repetition.any.rawValue
    /// Number of validation pictures that are captioned; 0 is all of them.
    package var limit = 0
  }

  package var seed: UInt64 = 1
  package var encoder = Encoder()
  package var captions = Captions()
  package var vocabulary = Vocabulary()
  package var decoder = Decoder()
  package var regularisation = Regularisation()
  package var optimisation = Optimisation()
  package var fineTuning = FineTuning()
  package var selfCritical = SelfCritical()
  package var validation = Validation()

  package init() {}

  /// - Parameter path: the file that the settings come from, for the message.
  /// - Throws: `DataError` naming the first setting that is out of its range, and the range.
  package func validate(path: String = "configuration") throws(DataError) {
    func require(_ holds: Bool, _ key: String, _ rule: String, _ value: some CustomStringConvertible)
      throws(DataError)
    {
      guard !holds else { return }
      throw DataError(.damaged, path: path, location: key, reason: "must be \(rule), not \(value)")
    }
    func within(_ range: ClosedRange<Int>, _ group: String, _ values: KeyValuePairs<String, Int>)
      throws(DataError)
    {
      for (name, value) in values {
        try require(
          range.contains(value), "\(group).\(name)", "\(range.lowerBound) to \(range.upperBound)", value)
      }
    }
    func share(_ group: String, _ values: KeyValuePairs<String, Double>) throws(DataError) {
      for (name, value) in values {
        try require(value >= 0 && value < 1, "\(group).\(name)", "at least 0 and below 1", value)
      }
    }
    func positive(_ group: String, _ values: KeyValuePairs<String, Double>) throws(DataError) {
      for (name, value) in values {
        try require(value > 0 && value.isFinite, "\(group).\(name)", "above 0", value)
      }
    }
    func notNegative(_ group: String, _ values: KeyValuePairs<String, Double>) throws(DataError) {
      for (name, value) in values {
        try require(value >= 0 && value.isFinite, "\(group).\(name)", "0 or more", value)
      }
    }

    try require(
      Encoder.architectures.contains(encoder.architecture), "encoder.architecture",
      Encoder.architectures.joined(separator: " or "), encoder.architecture)
    try within(32...2048, "encoder", ["inputSize": encoder.inputSize])
    try within(0...1_000_000, "captions", ["mostAgreeing": captions.mostAgreeing])
    try within(1...1_000_000, "vocabulary", ["minimumCount": vocabulary.minimumCount])
    try within(
      1...16384, "decoder",
      [
        "embedding": decoder.embedding, "hidden": decoder.hidden, "attention": decoder.attention,
        "projection": decoder.projection,
      ])
    try require(
      Decoder.architectures.contains(decoder.architecture), "decoder.architecture",
      Decoder.architectures.joined(separator: " or "), decoder.architecture)
    try within(1...64, "decoder", ["layers": decoder.layers, "heads": decoder.heads])
    try within(1...65_536, "decoder", ["feedForward": decoder.feedForward])
    if decoder.architecture == "transformer" {
      try require(
        decoder.embedding == decoder.hidden, "decoder.embedding",
        "as wide as a Transformer's hidden states, \(decoder.hidden)", decoder.embedding)
      try require(
        decoder.attention % decoder.heads == 0, "decoder.attention",
        "a multiple of the \(decoder.heads) heads",
        decoder.attention)
    }
    try within(2...64, "decoder", ["places": decoder.places])
    try within(1...1000, "decoder", ["maximumWords": decoder.maximumWords])
    try share(
      "regularisation",
      [
        "outputDropout": regularisation.outputDropout, "embeddingDropout": regularisation.embeddingDropout,
        "featureDropout": regularisation.featureDropout, "layerDropout": regularisation.layerDropout,
        "labelSmoothing": regularisation.labelSmoothing,
      ])
    try notNegative(
      "regularisation",
      ["attentionPenalty": regularisation.attentionPenalty, "weightDecay": regularisation.weightDecay])
    try positive(
      "optimisation",
      [
        "learningRate": optimisation.learningRate, "gradientClip": optimisation.gradientClip,
        "epsilon": optimisation.epsilon,
      ])
    try within(0...1_000_000, "optimisation", ["warmupSteps": optimisation.warmupSteps])
    try share(
      "optimisation",
      ["beta1": optimisation.beta1, "beta2": optimisation.beta2, "averageDecay": optimisation.averageDecay])
    try within(
      1...65536, "optimisation",
      [
        "imagesPerBatch": optimisation.imagesPerBatch, "captionsPerImage": optimisation.captionsPerImage,
        "patience": optimisation.patience,
      ])
    for (group, epochs) in [
      ("optimisation", optimisation.epochs), ("fineTuning", fineTuning.epochs),
      ("selfCritical", selfCritical.epochs),
    ] { try within(0...65536, group, ["epochs": epochs]) }
    try require(
      optimisation.epochs + fineTuning.epochs + selfCritical.epochs > 0, "optimisation.epochs",
      "above 0 where no other stage has epochs", optimisation.epochs)
    try within(1...optimisation.imagesPerBatch, "optimisation", ["shards": optimisation.shards])
    try positive(
      "fineTuning", ["encoderRate": fineTuning.encoderRate, "decoderRate": fineTuning.decoderRate])
    try positive("selfCritical", ["learningRate": selfCritical.learningRate])
    try require(
      selfCritical.interpolation > 0 && selfCritical.interpolation <= 1, "selfCritical.interpolation",
      "above 0 and at most 1", selfCritical.interpolation)
    for (group, decay) in [
      ("optimisation", optimisation.decayPerEpoch), ("fineTuning", fineTuning.decayPerEpoch),
      ("selfCritical", selfCritical.decayPerEpoch),
    ] {
      try require(decay > 0 && decay <= 1, "\(group).decayPerEpoch", "above 0 and at most 1", decay)
    }
    if let variant = EfficientNetLite.Variant(rawValue: encoder.architecture) {
      try within(0...EfficientNetLite(variant).blocks.count, "fineTuning", ["blocks": fineTuning.blocks])
    }
    try require(
      fineTuning.smallestCrop >= 0.05 && fineTuning.smallestCrop <= 1, "fineTuning.smallestCrop",
      "0.05 to 1", fineTuning.smallestCrop)
    try share("fineTuning", ["colour": fineTuning.colour])
    try within(1...65536, "fineTuning", ["captionsPerImage": fineTuning.captionsPerImage])
    try within(0...1_000_000, "fineTuning", ["warmupSteps": fineTuning.warmupSteps])
    try within(0...1_000_000, "selfCritical", ["warmupSteps": selfCritical.warmupSteps])
    try within(2...1000, "selfCritical", ["samples": selfCritical.samples])
    let repetitions = Repetition.allCases.map(\.rawValue)
    try require(
      repetitions.contains(validation.repetition), "validation.repetition",
      repetitions.joined(separator: " or "), validation.repetition)
    try within(1...1000, "validation", ["beam": validation.beam])
    try notNegative("validation", ["lengthExponent": validation.lengthExponent])
    try within(0...Int(Int32.max), "validation", ["limit": validation.limit])
  }
}
