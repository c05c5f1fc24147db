import Foundation
import Language
import Models
import Narration
import Tensors

/// What the captions of pictures say of words.
struct WordTargets {
  /// A word's part in a picture's vector.
  private struct Entry {
    /// Of the word, in `words`.
    let index: Int
    var weight: Float
  }

  /// Vocabulary indices of the words that are expected, ascending.
  let words: [Int]
  /// The mean vector of each style's pictures, of a style without pictures that of all: [styles, words]
  let means: Tensor
  /// log(pictures / pictures with the word in a caption), of words in no caption as of those in one: [vocabulary]
  let rarities: Tensor
  /// Of each picture the mean of its captions' unit TF-IDF vectors, where it is not 0.
  private let entries: [[Entry]]
  private let styles: [Int]

  /// - Parameters:
  ///   - captions: [pictures][captions][words]
  ///   - styles: [pictures]
  ///   - styleCount: number of styles
  ///   - leastPictures: words in the captions of fewer are not expected
  init(
    _ captions: [[[String]]], styles: [Int], styleCount: Int, vocabulary: Vocabulary, leastPictures: Int
  ) {
    let pictures = Self.pictures(captions)
    func rarity(_ word: String) -> Float {
      log(Float(captions.count) / Float(max(1, pictures[word] ?? 0)))
    }
    let known = (0..<vocabulary.count).map { vocabulary.word(Int32($0)) }
    rarities = Tensor(
      shape: [vocabulary.count],
      values: known.indices.map { $0 < Vocabulary.specials.count ? 0 : rarity(known[$0]) })
    words = Self.expected(known, pictures, leastPictures)
    let indices = Dictionary(uniqueKeysWithValues: words.enumerated().map { (known[$1], $0) })
    entries = captions.map { captions in
      var sums: [Int: Float] = [:]
      for caption in captions {
        let counts = caption.reduce(into: [:]) { $0[$1, default: 0] += Float(1) }
        // In the order of the words: a sum depends on it.
        let weights = counts.map { ($0.key, $0.value * rarity($0.key)) }.sorted { $0.0 < $1.0 }
        let norm = weights.reduce(0) { $0 + $1.1 * $1.1 }.squareRoot()
        guard norm > 0 else { continue }
        for (word, weight) in weights {
          guard let index = indices[word] else { continue }
          sums[index, default: 0] += weight / norm / Float(captions.count)
        }
      }
      return sums.sorted { $0.key < $1.key }.map { Entry(index: $0.key, weight: $0.value) }
    }
    self.styles = styles
    means = Self.means(entries, styles, styleCount: styleCount, words: words.count)
  }

  /// Whether any word of a vocabulary is in the captions of so many pictures.
  static func areThere(
    _ captions: [[[String]]], vocabulary: Vocabulary, leastPictures: Int
  ) -> Bool {
    let known = (0..<vocabulary.count).map { vocabulary.word(Int32($0)) }
    return !expected(known, pictures(captions), leastPictures).isEmpty
  }

  /// In the captions of how many pictures each word is.
  private static func pictures(_ captions: [[[String]]]) -> [String: Int] {
    captions.reduce(into: [:]) { counts, captions in
      for word in Set(captions.joined()) { counts[word, default: 0] += 1 }
    }
  }

  private static func expected(_ known: [String], _ pictures: [String: Int], _ leastPictures: Int) -> [Int] {
    known.indices.filter {
      $0 >= Vocabulary.specials.count && pictures[known[$0]] ?? 0 >= leastPictures
    }
  }

  private static func means(_ entries: [[Entry]], _ styles: [Int], styleCount: Int, words: Int) -> Tensor {
    var (sums, all) = (Tensor(shape: [styleCount, words]), [Float](repeating: 0, count: words))
    var counts = [Int](repeating: 0, count: styleCount)
    let base = sums.mutablePointer
    for (picture, style) in zip(entries, styles) {
      counts[style] += 1
      for entry in picture {
        base[style * words + entry.index] += entry.weight
        all[entry.index] += entry.weight
      }
    }
    for style in 0..<styleCount {
      for word in 0..<words {
        base[style * words + word] =
          counts[style] > 0
          ? base[style * words + word] / Float(counts[style]) : all[word] / Float(entries.count)
      }
    }
    return sums
  }

  /// The vectors of some pictures, less the means of their styles: [pictures, words]
  func values(_ pictures: Range<Int>) -> Tensor {
    let count = words.count
    var values = Tensor(shape: [pictures.count, count])
    let base = values.mutablePointer
    for (row, picture) in pictures.enumerated() {
      let mean = means.pointer + styles[picture] * count
      for word in 0..<count { base[row * count + word] = -mean[word] }
      for entry in entries[picture] { base[row * count + entry.index] += entry.weight }
    }
    withExtendedLifetime(means) {}
    return values
  }
}
