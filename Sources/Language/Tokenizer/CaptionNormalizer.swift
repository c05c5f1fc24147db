import Foundation

/// A caption's words as the decoder learns them: lower case, hyphens apart, apostrophes dropped, every other character
/// that is not a letter, a mark on one, or a digit taken for a space.
package func normalizedWords(_ caption: String) -> [String] {
  var words: [String] = []
  var word = String.UnicodeScalarView()
  func close() {
    if !word.isEmpty { words.append(String(word)) }
    word.removeAll()
  }
  for scalar in caption.lowercased().precomposedStringWithCanonicalMapping.unicodeScalars {
    switch scalar {
    case "a"..."z", "0"..."9": word.append(scalar)
    case "'", "\u{2019}": continue
    case _ where !scalar.isASCII && isOfWords(scalar): word.append(scalar)
    default: close()
    }
  }
  close()
  return words
}

private func isOfWords(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .lowercaseLetter, .otherLetter, .modifierLetter, .titlecaseLetter, .uppercaseLetter: true
  case .nonspacingMark, .spacingMark, .decimalNumber: true
  default: false
  }
}
