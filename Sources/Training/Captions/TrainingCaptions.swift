import Datasets
import Language
import Models

/// The captions that are learned from, in words and as indices, and the vocabulary that they make.
package struct TrainingCaptions {
  package let vocabulary: Vocabulary
  /// [sources][examples][captions], words' indices with the markers of beginning and end
  let encoded: [[[[Int32]]]]

  package init(_ data: TrainingData, _ settings: CaptionSettings) {
    let words = data.sources.map { source in
      mostAgreeing(source.training.map(\.captions), count: settings.captions.mostAgreeing).map {
        $0.map(normalizedWords)
      }
    }
    let vocabulary = Vocabulary(
      captions: words.joined().joined(), minimumCount: settings.vocabulary.minimumCount)
    self.vocabulary = vocabulary
    encoded = words.map { source in
      source.map { captions in
        captions.map { vocabulary.encode($0, maximumWords: settings.decoder.maximumWords) }
      }
    }
  }

  /// [sources][examples]
  var counts: [[Int]] { encoded.map { $0.map(\.count) } }

  /// See `Vocabulary.mirrored`.
  package func mirrored(_ caption: [Int32]) -> [Int32] { vocabulary.mirrored(caption) }
}

extension FamiliarPhrases {
  /// Those of all training captions, and of these about the mirrored pictures.
  /// - Parameter examples: of each data set
  init(writtenIn examples: [[CaptionDataset.Example]], vocabulary: Vocabulary, cost: Float) {
    let table = PhraseTable(
      captions: examples.lazy.joined().flatMap(\.captions).flatMap {
        let caption = vocabulary.encode(normalizedWords($0), maximumWords: .max)
        return [caption, vocabulary.mirrored(caption)]
      }, qualifiers: vocabulary.qualifiers)
    self.init(table, qualifiers: vocabulary.qualifiers, cost: cost)
  }
}

extension Vocabulary {
  /// A caption of the mirrored picture: left and right change places.
  func mirrored(_ caption: [Int32]) -> [Int32] {
    let (left, right) = (index(of: "left"), index(of: "right"))
    guard left != Self.unknown, right != Self.unknown else { return caption }
    return caption.map { $0 == left ? right : $0 == right ? left : $0 }
  }
}
