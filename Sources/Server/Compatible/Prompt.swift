import Files
import Foundation
import Language
import Narration
import Reports

/// What a prompt that was written for a language model asks of a captioner, as far as that can be: a sentence, a word, keywords, or
/// at most so many words. All else in it is passed over.
package struct Prompt: Sendable {
  package enum Wish: Sendable { case sentence, word, keywords }

  package var wish = Wish.sentence
  package var maximumWords: Int?

  package init(_ text: String) {
    let text = text.prefix(10_000).lowercased()
    func has(_ pattern: String) -> Bool { text.range(of: pattern, options: .regularExpression) != nil }
    if has(#"\b(one|a single|1) word\b"#) {
      wish = .word
    } else if has(#"\b(tags?|keywords?|labels?)\b|comma[- ]separated"#) {
      wish = .keywords
    }
    if let range = text.range(of: #"\b\d{1,3} words\b"#, options: .regularExpression),
      let count = Int(text[range].prefix { $0.isNumber }), CaptionOptions.lengths.contains(count)
    {
      // The network stops where its sentence ends, whatever room is left.
      maximumWords = min(count, CaptionOptions().maximumWords)
    }
  }

  var question: CaptionQuestion {
    var question = CaptionQuestion()
    if let maximumWords { question.options.maximumWords = maximumWords }
    return question
  }

  func answer(_ described: CaptionResult.Described) -> String {
    switch wish {
    case .sentence: described.captions[0].text
    case .word: described.keywords.first ?? described.captions[0].words.first?.text ?? ""
    case .keywords: described.keywords.joined(separator: ", ")
    }
  }
}

extension CaptionResult.Described {
  /// What the caption names, and what an unsure one may show instead.
  var keywords: [String] {
    English.keywords(of: captions[0].text) + (captions[0].isUnsure ? captions[0].tags.map(\.text) : [])
  }
}
