/// What self-critical training rewards a caption by (Rennie et al. 2017): its CIDEr-D against its image's references, on a
/// vocabulary's indices. The end marker counts as a word, here as there: without it, captions that stop at "with a" are
/// rewarded for the words that they save.
package struct CaptionReward: Sendable {
  private let frequencies: DocumentFrequencies
  /// [images][references]
  private let references: [[CIDEr.Vector]]

  /// - Parameter references: [images][captions][words], all of one data set, whose n-grams are counted over its images; at least
  ///   one caption an image. A beginning marker is left out.
  package init(references: [[[Int32]]]) {
    var frequencies = DocumentFrequencies()
    let counted = references.map { image in
      precondition(!image.isEmpty, "an image without references")
      let captions = image.map(Self.counted)
      frequencies.count(captions)
      return captions
    }
    self.references = counted.map { image in image.map { CIDEr.Vector($0, frequencies) } }
    self.frequencies = frequencies
  }

  /// CIDEr-D, 0…10. From any thread.
  /// - Parameter caption: ends with the end marker; a beginning marker is left out.
  package func score(_ caption: [Int32], image: Int) -> Double {
    let counted = Self.counted(caption)
    return CIDEr.scores(CIDEr.Vector(counted, frequencies), references: references[image]).d
  }

  /// What each of an image's captions is better by than the mean of its others (Luo 2020).
  /// - Parameter rewards: of at least two captions
  package static func advantages(_ rewards: [Double]) -> [Float] {
    precondition(rewards.count > 1, "one caption alone has nothing to be compared with")
    let (sum, others) = (rewards.reduce(0, +), Double(rewards.count - 1))
    return rewards.map { Float($0 - (sum - $0) / others) }
  }

  private static func counted(_ caption: [Int32]) -> CountedCaption {
    let words = caption.first == Vocabulary.beginning ? caption.dropFirst() : caption[...]
    return CountedCaption(words.map { UInt32($0) + 1 })
  }
}
