import Compute
import Foundation
import Language
import Models

/// Translates sentences into one language, on the thread that calls. Not thread-safe.
package final class TranslationEngine {
  /// What it writes, as the model names it.
  package let language: String
  private let model: TranslationModel
  private let search: TranslationSearch
  private let style: CaptionLanguage?

  /// Sentences kept at each unit, where nobody asks for others.
  package static let beamWidth = 5

  /// Units of a sentence that is translated as one; longer ones are translated in parts.
  private static let mostUnits = 80

  /// - Parameters:
  ///   - language: one of the model's
  ///   - beam: sentences kept at each unit
  ///   - batch: sentences at once, at most
  package init(
    _ model: TranslationModel, to language: String, beam: Int = TranslationEngine.beamWidth, batch: Int = 1
  ) throws(UnknownLanguage) {
    let configuration = model.configuration
    guard let index = configuration.languages.firstIndex(of: language) else {
      throw UnknownLanguage(language: language, known: configuration.languages)
    }
    (self.language, self.model, style) = (language, model, CaptionLanguage(rawValue: language))
    search = TranslationSearch(
      model.network, language: index, beam: beam,
      lengthExponent: configuration.decoding.lengthExponent, batch: batch, mostUnits: Self.mostUnits)
  }

  /// Sentences that are translated at once.
  package var batch: Int { search.batch }

  /// Translates texts of any length, each on its own; blank ones stay as they are.
  package func translations(of texts: [String]) -> [String] {
    let texts = texts.map(Form.init)
    let parts = texts.map {
      $0.isBlank ? [] : SentenceParts.of($0.sentence, longest: Self.mostUnits - 1, units)
    }
    var rest = parts.flatMap { $0 }.map { units($0) + [Vocabulary.end] }[...]
    var translated: [String] = []
    while !rest.isEmpty {
      let some = Array(rest.prefix(batch))
      rest = rest.dropFirst(some.count)
      translated += search.translations(some).map { model.target.decode($0) }
    }
    var next = translated[...]
    return zip(texts, parts).map { text, parts in
      let sentence = next.prefix(parts.count).joined(separator: " ")
      next = next.dropFirst(parts.count)
      return text.isBlank ? text.given : text.applied(to: sentence, style)
    }
  }

  package func translation(of text: String) -> String { translations(of: [text])[0] }

  private func units(_ text: String) -> [Int32] { model.source.encode(text) }

  /// How a text was written: as a sentence, as the networks have learned them, or as captions are, small and without a full stop.
  private struct Form {
    let given: String
    private let trimmed: String
    private let isSmall, isOpen: Bool

    init(_ text: String) {
      given = text
      trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
      isSmall = trimmed.first?.isLowercase ?? false
      isOpen = !(trimmed.last.map { ".!?…:;\"”»)".contains($0) } ?? false)
    }

    var isBlank: Bool { trimmed.isEmpty }

    /// As a sentence.
    var sentence: String {
      (isSmall ? trimmed.prefix(1).uppercased() + trimmed.dropFirst() : trimmed) + (isOpen ? "." : "")
    }

    /// Gives a translation the same form.
    func applied(to sentence: String, _ language: CaptionLanguage?) -> String {
      var text = sentence.trimmingCharacters(in: .whitespacesAndNewlines)
      if isOpen, text.last == "." { text.removeLast() }
      let word = text.prefix { $0.isLetter }
      guard isSmall, !word.isEmpty, language?.isSmall(word) ?? true else { return text }
      return text.prefix(1).lowercased() + text.dropFirst()
    }
  }
}

/// A language that a model does not write.
package struct UnknownLanguage: Error, CustomStringConvertible, Equatable {
  package let language: String
  package let known: [String]

  package init(language: String, known: [String]) { (self.language, self.known) = (language, known) }

  package var description: String {
    "no language \(language.withoutControls.shortened()); there are: \(known.joined(separator: ", "))"
  }
}

/// A text in the parts that are translated one by one: its sentences, and where one is too long, what stands between its marks or, in
/// the end, its words.
enum SentenceParts {
  /// - Parameter longest: units of a part, at most, where there is a place to divide it
  static func of(_ text: String, longest: Int, _ units: (String) -> [Int32]) -> [String] {
    sentences(text).flatMap { divided($0, longest: longest, units) }
  }

  private static func sentences(_ text: String) -> [String] {
    parts(text, after: [".", "!", "?", "…"])
  }

  /// Parts that end with one of these marks before a space.
  private static func parts(_ text: String, after marks: Set<Character>) -> [String] {
    var (parts, part, last) = ([String](), "", Character(" "))
    for character in text {
      if character.isWhitespace, marks.contains(last) {
        parts.append(part)
        part = ""
      } else {
        part.append(character)
      }
      last = character
    }
    if part.contains(where: { !$0.isWhitespace }) || parts.isEmpty { parts.append(part) }
    return parts
  }

  private static func divided(_ text: String, longest: Int, _ units: (String) -> [Int32]) -> [String] {
    guard units(text).count > longest else { return [text] }
    for marks in [[";", ":"], [","]] as [Set<Character>] {
      let pieces = parts(text, after: marks)
      if pieces.count > 1 { return pieces.flatMap { divided($0, longest: longest, units) } }
    }
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    if words.count > 1 {
      let half = words.count / 2
      return [words[..<half], words[half...]].flatMap {
        divided($0.joined(separator: " "), longest: longest, units)
      }
    }
    // A word without an end.
    let middle = text.index(text.startIndex, offsetBy: text.count / 2)
    guard middle > text.startIndex else { return [text] }
    return [text[..<middle], text[middle...]].flatMap { divided(String($0), longest: longest, units) }
  }
}
