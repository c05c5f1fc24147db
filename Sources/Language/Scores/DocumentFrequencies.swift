import Foundation

/// In how many images' captions each n-gram occurs: what CIDEr weighs n-grams by.
package struct DocumentFrequencies: Sendable {
  /// Number of images counted.
  package private(set) var images = 0
  private var counts = NGramCounts()
  private(set) var index = WordIndex()

  /// Counts the captions of a data set.
  /// - Parameter references: [images][captions][words]
  package init(_ references: [[[String]]]) {
    for image in references {
      count(image.map { CountedCaption(index.insert($0)) })
    }
  }

  init() {}

  mutating func count(_ image: [CountedCaption]) {
    for caption in image {
      for entry in caption.grams { counts.add(entry.gram, document: images) }
    }
    images += 1
  }

  mutating func insert(_ words: [String]) -> [UInt32] { index.insert(words) }

  /// log(images / frequency), where an n-gram that never occurred counts as one that occurred once.
  func weight(_ gram: NGram) -> Double { log(Double(max(images, 1)) / Double(max(counts[gram], 1))) }
}

/// The file of a table: a line `images<tab>N`, then a line `COUNT<tab>WORDS` for each n-gram, words between single
/// spaces, in the order of the words' bytes.
extension DocumentFrequencies {
  /// The bytes of the file.
  package var encoded: [UInt8] {
    let words = index.words
    let lines = counts.entries.map { gram, count in
      (gram.words.map { words[Int($0) - 1] }.joined(separator: " "), count)
    }.sorted { $0.0 < $1.0 }
    return Array(("images\t\(images)\n" + lines.map { "\($0.1)\t\($0.0)\n" }.joined()).utf8)
  }

  /// Reads the file's bytes.
  /// - Parameter path: for messages.
  package init(decoding bytes: [UInt8], path: String) throws(LanguageError) {
    func problem(_ line: Int, _ reason: String) -> LanguageError {
      LanguageError(path: path, reason: "line \(line): \(reason)")
    }
    let tab = UInt8(ascii: "\t")
    for (number, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
      let fields = line.split(separator: tab, omittingEmptySubsequences: false)
      guard fields.count == 2, let key = String(validating: fields[0], as: UTF8.self),
        let value = String(validating: fields[1], as: UTF8.self)
      else { throw problem(number + 1, "a count, a tab and words expected") }
      if number == 0 {
        guard key == "images", let images = Int(value), images > 0 else {
          throw problem(
            1, "images, a tab and their number expected: this is no table of document frequencies")
        }
        self.images = images
        continue
      }
      let words = value.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      guard let count = Int(key), (1...images).contains(count), (1...NGram.longest).contains(words.count),
        !words.contains("")
      else { throw problem(number + 1, "a count from 1 to \(images), a tab and 1 to 4 words expected") }
      let gram = NGram(index.insert(words)[...])
      guard counts[gram] == 0 else { throw problem(number + 1, "\(value) is listed twice") }
      counts.set(gram, count)
    }
    if images == 0 { throw LanguageError(path: path, reason: "empty file") }
  }
}
