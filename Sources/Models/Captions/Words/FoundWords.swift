import Compute
import Language
import Networks
import Tensors

/// A detector of words with what it looks for, as a weights file holds them.
package struct FoundWords: Sendable {
  package var detector: WordDetector
  package let concepts: Concepts
  /// Names of the data sets whose people's words it knows.
  package let styles: [String]

  package init(_ detector: WordDetector, _ concepts: Concepts, styles: [String]) {
    precondition(detector.concepts == concepts.count && detector.styles == styles.count)
    (self.detector, self.concepts, self.styles) = (detector, concepts, styles)
  }

  /// Of all that a file has of it.
  private static let prefix = "detector."
  private static let (thingsName, wordsName, stylesName) = (
    prefix + "things", prefix + "words", prefix + "styles"
  )

  /// Adds the tensors and tables to a file.
  package func add(to writer: inout SafetensorsWriter) {
    writer.add("detector", detector, half: true)
    writer.add(Self.thingsName, bytes: Array(concepts.things.text.utf8))
    writer.add(Self.wordsName, bytes: Array(concepts.words.joined(separator: "\n").utf8))
    writer.add(Self.stylesName, bytes: Array(styles.joined(separator: "\n").utf8))
  }

  /// Reads what a file has of it.
  /// - Throws: for tensors that do not fit one another or the tables.
  /// - Returns: nil where the file has no detector
  package static func read(from file: SafetensorsFile) throws(SafetensorsError) -> FoundWords? {
    guard file.shape(of: thingsName) != nil else { return nil }
    func damaged(_ reason: String) -> SafetensorsError { .damaged(path: file.path, reason: reason) }
    func text(_ name: String) throws(SafetensorsError) -> String {
      guard let text = String(validating: try file.bytes(name), as: UTF8.self) else {
        throw damaged("\(name) is not UTF-8")
      }
      return text
    }
    func lines(_ name: String) throws(SafetensorsError) -> [String] {
      let lines = try text(name).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      guard Set(lines).count == lines.count, !lines.contains("") else {
        throw damaged("\(name) has an empty line, or one twice")
      }
      return lines
    }
    let table = try text(thingsName)
    let things: ObjectWords
    do throws(ObjectWords.Problem) { things = try ObjectWords(table) } catch {
      throw damaged("\(thingsName), line \(error.line): \(error.reason)")
    }
    let (concepts, styles) = (Concepts(things: things, words: try lines(wordsName)), try lines(stylesName))
    guard let units = file.shape(of: "detector.projection.bias")?.first, units > 0 else {
      throw damaged("a detector without units")
    }
    let detector = try WordDetector(
      channels: EfficientNetLite.channels, units: units, concepts: concepts.count, styles: styles.count,
      from: file)
    return FoundWords(detector, concepts, styles: styles)
  }

  /// What a picture or clip shows.
  /// - Parameters:
  ///   - features: [frames * positions, channels]
  ///   - style: whose words; of one that it does not know, what all use in the mean
  ///   - arena: reset
  package func words(in features: Rows, style: String?, arena: Arena) -> PictureWords {
    arena.reset()
    let known = style.flatMap { styles.firstIndex(of: $0) }
    // On one core, so that the same comes out to the last bit however many there are.
    let logits = ThreadTeam.single.run {
      [Float](
        Rows(
          WordDetectorPass(detector, features: features, images: 1, styles: [known ?? 0], arena: arena).logits
        ))
    }
    guard known == nil else { return PictureWords(concepts, logits: logits) }
    let bias = detector.style.values
    return PictureWords(
      concepts,
      logits: logits.indices.map { concept in
        let mean = (0..<styles.count).reduce(Float(0)) { $0 + bias[$1 * logits.count + concept] }
        return logits[concept] - bias[concept] + mean / Float(styles.count)
      })
  }
}
