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

  package var captions: Int { image.count }
  /// Words to predict.
  package var rows: Int { targets.count }

  /// - Parameters:
  ///   - captions: word indices, markers of beginning and end included, with the image of each.
  ///   - frames: [images]; nil is one frame each.
  ///   - styles: [images]; nil is the first style for all.
  package init(
    images: Int, captions: [(words: [Int32], image: Int)], frames: [Int]? = nil, styles: [Int]? = nil
  ) {
    self.frames = frames ?? [Int](repeating: 1, count: images)
    self.styles = styles ?? [Int](repeating: 0, count: images)
    precondition(self.frames.count == images && self.styles.count == images)
    precondition(self.frames.allSatisfy { $0 > 0 })
    let sorted = captions.enumerated().sorted {
      ($1.element.words.count, $0.offset) < ($0.element.words.count, $1.offset)
    }.map(\.element)
    precondition(!sorted.isEmpty && sorted.allSatisfy { $0.words.count >= 2 && 0..<images ~= $0.image })
    self.images = images
    image = sorted.map { Int32($0.image) }
    let steps = sorted[0].words.count - 1
    active = (0..<steps).map { step in sorted.count { $0.words.count > step + 1 } }
    var (offsets, total) = ([Int](), 0)
    for count in active {
      offsets.append(total)
      total += count
    }
    self.offsets = offsets
    inputs = (0..<steps).flatMap { step in
      sorted.prefix(while: { $0.words.count > step + 1 }).map { $0.words[step] }
    }
    targets = (0..<steps).flatMap { step in
      sorted.prefix(while: { $0.words.count > step + 1 }).map { $0.words[step + 1] }
    }
  }
}
