import Language

/// Captions of a few images (a photograph, or the frames of a clip), packed for teacher forcing: captions longest first, time steps one after the other, and in
/// each step only the captions that still have a word to predict.
package struct CaptionBatch: Sendable {
  /// Images that the captions belong to.
  package let images: Int
  /// [images], frames of each: 1 for a photograph.
  package let frames: [Int]
  /// [images], whose way of writing its captions are in.
  package let styles: [Int]
  /// [captions], the image of each, longest caption first.
  package let image: [Int32]
  /// [steps], captions still going at each step; never increasing.
  package let active: [Int]
  /// [steps], where each step's rows begin.
  package let offsets: [Int]
  /// [rows], the word that goes in.
  package let inputs: [Int32]
  /// [rows], the word to predict.
  package let targets: [Int32]
  /// [rows], what each word's loss is multiplied by; nil: 1.
  package let weights: [Float]?

  package var captions: Int { image.count }
  /// The rows of a step.
  func step(_ step: Int) -> Range<Int> { offsets[step]..<offsets[step] + active[step] }
  /// Words to predict.
  package var rows: Int { targets.count }

  /// - Parameters:
  ///   - captions: word indices, markers of beginning and end included, with the image of each.
  ///   - frames: [images]; nil is one frame each.
  ///   - styles: [images]; nil is the first style for all.
  ///   - weights: [captions], in their order, what the loss of each caption's words is multiplied by: in self-critical training
  ///     how much better than others it is. The captions are such as `CaptionSampler` draws; the loss is that of the
  ///     probabilities that it draws by.
  ///   - maximumWords: with weights, the words after which a caption had to end: the end there was not chosen and weighs nothing.
  package init(
    images: Int, captions: [(words: [Int32], image: Int)], frames: [Int]? = nil, styles: [Int]? = nil,
    weights: [Float]? = nil, maximumWords: Int? = nil
  ) {
    self.frames = frames ?? [Int](repeating: 1, count: images)
    self.styles = styles ?? [Int](repeating: 0, count: images)
    precondition(self.frames.count == images && self.styles.count == images)
    precondition(self.frames.allSatisfy { $0 > 0 })
    precondition(weights == nil || weights?.count == captions.count)
    let order = captions.indices.sorted {
      (captions[$1].words.count, $0) < (captions[$0].words.count, $1)
    }
    let sorted = order.map { captions[$0] }
    precondition(!sorted.isEmpty && sorted.allSatisfy { $0.words.count >= 2 && 0..<images ~= $0.image })
    self.images = images
    image = sorted.map { Int32($0.image) }
    let steps = sorted[0].words.count - 1
    let active = (0..<steps).map { step in sorted.count { $0.words.count > step + 1 } }
    self.active = active
    var (offsets, total) = ([Int](), 0)
    for count in active {
      offsets.append(total)
      total += count
    }
    self.offsets = offsets
    inputs = (0..<steps).flatMap { step in
      sorted.prefix(while: { $0.words.count > step + 1 }).map { $0.words[step] }
    }
    let targets = (0..<steps).flatMap { step in
      sorted.prefix(while: { $0.words.count > step + 1 }).map { $0.words[step + 1] }
    }
    self.targets = targets
    self.weights = weights.map { weights in
      precondition(!targets.contains(where: Vocabulary.unwritten.contains), "no caption that was drawn")
      return active.enumerated().flatMap { step, count in
        order.prefix(count).map { step == maximumWords ? 0 : weights[$0] }
      }
    }
  }
}
