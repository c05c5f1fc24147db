import Tensors

/// Which pictures and captions each step of training sees: a function of the seed, the epoch and the batch
/// alone, so that a resumed run goes on with the batches of an unbroken one and no state need be kept.
package struct BatchSampler: Sendable {
  /// A picture of a batch.
  package struct Draw: Sendable, Equatable {
    /// Which of the data sets.
    package let source: Int
    /// Which of its training examples.
    package let example: Int
    /// Which of the picture's captions: as many as asked for, all different when there are enough of them,
    /// else each as often as any other or once more.
    package let captions: [Int]
    /// Whether the picture is shown mirrored.
    package let isFlipped: Bool
  }

  /// The pictures of one epoch in their order.
  package struct Epoch: Sendable {
    private let sampler: BatchSampler
    /// Counted from 0.
    package let number: Int
    private let order: [(source: Int, example: Int)]

    fileprivate init(_ sampler: BatchSampler, _ number: Int) {
      var random = RandomGenerator(seed: sampler.seed, path: UInt64(number))
      var order: [(source: Int, example: Int)] = []
      for (source, counts) in sampler.captionCounts.enumerated() {
        var examples = Array(counts.indices)
        random.shuffle(&examples)
        for shown in 0..<sampler.shown[source] { order.append((source, examples[shown % examples.count])) }
      }
      random.shuffle(&order)
      self.sampler = sampler
      self.number = number
      self.order = order
    }

    /// The pictures of a batch, counted from 0.
    package subscript(batch: Int) -> [Draw] {
      precondition(batch >= 0 && batch < sampler.batchesPerEpoch)
      var random = RandomGenerator(seed: sampler.seed, path: UInt64(number), UInt64(batch))
      let first = batch * sampler.imagesPerBatch
      return order[first..<min(first + sampler.imagesPerBatch, order.count)].map { source, example in
        let captions = sampler.captions(of: sampler.captionCounts[source][example], &random)
        let isFlipped = sampler.flips && random.integer(below: 2) == 1
        return Draw(source: source, example: example, captions: captions, isFlipped: isFlipped)
      }
    }
  }

  /// Batches of an epoch, all of the same size. What is left over by the division is left out, other pictures
  /// in each epoch; fewer pictures than a batch holds are one batch.
  package let batchesPerEpoch: Int
  private let captionCounts: [[Int]]
  /// How many pictures of each data set an epoch shows: its size times its weight.
  private let shown: [Int]
  private let seed: UInt64
  private let imagesPerBatch: Int
  private let captionsPerImage: Int
  private let flips: Bool

  /// - Parameters:
  ///   - captionCounts: for each data set the number of captions of each training example.
  ///   - weights: how often each data set's pictures are shown in an epoch. The part after the decimal point
  ///     goes to pictures chosen at random.
  package init(
    captionCounts: [[Int]], weights: [Double], imagesPerBatch: Int, captionsPerImage: Int, flips: Bool,
    seed: UInt64
  ) {
    precondition(captionCounts.count == weights.count && !captionCounts.isEmpty)
    precondition(captionCounts.allSatisfy { counts in !counts.isEmpty && counts.allSatisfy { $0 > 0 } })
    precondition(weights.allSatisfy { $0 > 0 } && imagesPerBatch > 0 && captionsPerImage > 0)
    self.captionCounts = captionCounts
    shown = zip(captionCounts, weights).map { max(1, Int((Double($0.count) * $1).rounded())) }
    batchesPerEpoch = max(1, shown.reduce(0, +) / imagesPerBatch)
    self.seed = seed
    self.imagesPerBatch = imagesPerBatch
    self.captionsPerImage = captionsPerImage
    self.flips = flips
  }

  package init(
    captionCounts: [[Int]], weights: [Double], _ settings: CaptionSettings,
    stage: TrainingStage = .decoder
  ) {
    self.init(
      captionCounts: captionCounts, weights: weights,
      imagesPerBatch: settings.optimization.imagesPerBatch,
      captionsPerImage: stage == .fineTuning
        ? settings.fineTuning.captionsPerImage : settings.optimization.captionsPerImage,
      flips: settings.optimization.flips,
      seed: settings.seed)
  }

  /// The order of an epoch, counted from 0.
  package func epoch(_ number: Int) -> Epoch {
    precondition(number >= 0)
    return Epoch(self, number)
  }

  private func captions(of count: Int, _ random: inout RandomGenerator) -> [Int] {
    var chosen: [Int] = []
    while chosen.count < captionsPerImage {
      var round = Array(0..<count)
      random.shuffle(&round)
      chosen += round.prefix(captionsPerImage - chosen.count)
    }
    return chosen
  }
}
