/// What captions are compared by.
package struct CaptionScores: Sendable, Equatable {
  /// BLEU-1 … BLEU-4, 0…1.
  package var bleu: [Double]
  /// 0…1
  package var rougeL: Double
  /// 0…10; `pycocoevalcap` prints it as CIDEr.
  package var ciderD: Double
  /// CIDEr in its first form, without clipping and length penalty, 0…10.
  package var cider: Double

  /// Names and values, in the order in which they are printed.
  package var named: [(name: String, value: Double)] {
    bleu.enumerated().map { ("BLEU-\($0 + 1)", $1) } + [
      ("ROUGE-L", rougeL), ("CIDEr-D", ciderD), ("CIDEr-original", cider),
    ]
  }
}

/// Scores captions against references that are prepared once. Words are those of `PTBTokenizer`.
package struct CaptionScorer: Sendable {
  private let frequencies: DocumentFrequencies
  /// [images][references]
  private let references: [[CIDEr.Vector]]
  private let counted: [[CountedCaption]]

  /// - Parameters:
  ///   - references: [images][captions][words]; at least one caption an image.
  ///   - frequencies: nil counts the references themselves.
  package init(references: [[[String]]], frequencies given: DocumentFrequencies? = nil) {
    var frequencies = given ?? DocumentFrequencies()
    counted = references.map { image in
      precondition(!image.isEmpty, "an image without references")
      let captions = image.map { CountedCaption(frequencies.insert($0)) }
      if given == nil { frequencies.count(captions) }
      return captions
    }
    self.frequencies = frequencies
    self.references = counted.map { image in image.map { CIDEr.Vector($0, frequencies) } }
  }

  /// The number of images.
  package var count: Int { references.count }

  /// CIDEr-D of a candidate for one image, alone: the reward of self-critical training.
  package func ciderD(_ candidate: [String], image: Int) -> Double {
    let caption = CountedCaption(frequencies.index.find(candidate))
    return CIDEr.scores(CIDEr.Vector(caption, frequencies), references: references[image]).d
  }

  /// Scores one candidate an image.
  /// - Returns: the corpus' figures, and each image's own.
  package func scores(_ candidates: [[String]]) -> (corpus: CaptionScores, images: [CaptionScores]) {
    precondition(candidates.count == count, "\(candidates.count) candidates for \(count) images")
    var sum = BLEU()
    let images = candidates.indices.map { image in
      let caption = CountedCaption(frequencies.index.find(candidates[image]))
      let bleu = BLEU(caption, references: counted[image])
      sum += bleu
      let cider = CIDEr.scores(CIDEr.Vector(caption, frequencies), references: references[image])
      return CaptionScores(
        bleu: bleu.scores, rougeL: rougeL(caption.words, references: counted[image].map(\.words)),
        ciderD: cider.d, cider: cider.original)
    }
    func mean(_ value: (CaptionScores) -> Double) -> Double {
      images.isEmpty ? 0 : images.reduce(0) { $0 + value($1) } / Double(images.count)
    }
    let corpus = CaptionScores(
      bleu: sum.scores, rougeL: mean(\.rougeL), ciderD: mean(\.ciderD), cider: mean(\.cider))
    return (corpus, images)
  }
}

extension CaptionScorer {
  /// CIDEr-D of each caption against the others of its image; 0 where there are none.
  /// - Parameter references: [images][captions][words]
  package static func agreement(_ references: [[[String]]]) -> [[Double]] {
    CaptionScorer(references: references).references.map { vectors in
      vectors.indices.map { index in
        let others = Array(vectors[..<index] + vectors[(index + 1)...])
        return others.isEmpty ? 0 : CIDEr.scores(vectors[index], references: others).d
      }
    }
  }

  /// How people do: each caption scored against the others of its image, and the mean of all. Round k takes the k-th
  /// caption of every image; images with fewer captions begin again at their first.
  /// - Parameter references: [images][captions][words]; at least two captions an image.
  package static func leaveOneOut(_ references: [[[String]]]) -> CaptionScores {
    let rounds = references.map(\.count).max() ?? 0
    precondition(references.allSatisfy { $0.count > 1 }, "an image with a single caption")
    let scores = (0..<rounds).map { round in
      let left = references.map { image in
        image.indices.filter { $0 != round % image.count }.map { image[$0] }
      }
      return CaptionScorer(references: left).scores(references.map { $0[round % $0.count] }).corpus
    }
    func mean(_ value: (CaptionScores) -> Double) -> Double {
      scores.reduce(0) { $0 + value($1) } / Double(max(rounds, 1))
    }
    return CaptionScores(
      bleu: (0..<NGram.longest).map { n in mean { $0.bleu[n] } }, rougeL: mean(\.rougeL),
      ciderD: mean(\.ciderD), cider: mean(\.cider))
  }
}
