import Models

/// A language that captions are written in.
///
///     let options = CaptionOptions(language: .german)
public enum CaptionLanguage: String, Sendable, Hashable, Codable, CaseIterable {
  /// What the captioner itself writes.
  case english = "en"
  case german = "de"
  case french = "fr"
  case czech = "cs"
  case portuguese = "pt"

  /// What stands before a caption that may be wrong: "perhaps ", the space included.
  package var perhaps: String {
    switch self {
    case .english: "perhaps "
    case .german: "vielleicht "
    case .french: "peut-être "
    case .czech: "možná "
    case .portuguese: "talvez "
    }
  }

  /// A line for a caption that may be wrong, and what the picture may show instead:
  /// `unsure: a man holding a sign; perhaps: web site, comic book`.
  package func unsure(_ caption: String, perhaps tags: [String]) -> String {
    // A colon has a space before it in French.
    let (unsure, colon) =
      switch self {
      case .english: ("unsure", ": ")
      case .german: ("unsicher", ": ")
      case .french: ("incertain", "\u{a0}: ")
      case .czech: ("nejisté", ": ")
      case .portuguese: ("incerto", ": ")
      }
    let end = tags.isEmpty ? "" : "; " + perhaps.dropLast() + colon + tags.joined(separator: ", ")
    return unsure + colon + caption + end
  }

  /// What is said of a stretch of a video in which nothing moves.
  package var nothingMoves: String {
    switch self {
    case .english: "nothing moves"
    case .german: "nichts bewegt sich"
    case .french: "rien ne bouge"
    case .czech: "nic se nehýbe"
    case .portuguese: "nada se move"
    }
  }

  /// What stands before labels of which none is said firmly.
  package var nothingRecognized: String {
    switch self {
    case .english: "nothing recognised: "
    case .german: "nichts erkannt: "
    case .french: "rien de reconnu\u{a0}: "
    case .czech: "nic nerozpoznáno: "
    case .portuguese: "nada reconhecido: "
    }
  }

  /// What is said of a picture of one color, which shows nothing.
  var oneColor: String {
    switch self {
    case .english: "nothing but one colour"
    case .german: "nichts als eine Farbe"
    case .french: "rien qu'une couleur"
    case .czech: "nic než jedna barva"
    case .portuguese: "nada além de uma cor"
    }
  }

  /// Words with which a sentence begins that are written small within one. In German, where nouns are written large, what is none of
  /// these may be a noun; in the other languages nothing of what captions speak of is written large.
  func isSmall(_ word: Substring) -> Bool {
    self != .german || Self.germanBeginnings.contains(word.lowercased())
  }

  private static let germanBeginnings: Set<String> = [
    "ein", "eine", "einer", "eines", "einem", "einen", "zwei", "drei", "vier", "fünf", "sechs", "sieben",
    "acht",
    "neun", "zehn", "mehrere", "viele", "einige", "verschiedene", "der", "die", "das", "den", "dem", "des",
    "auf",
    "in", "im", "an", "am", "bei", "vor", "hinter", "neben", "unter", "über", "zwischen", "mit", "von", "aus",
    "dieser", "diese", "dieses", "jemand", "etwas", "es", "er", "sie", "man", "alle", "beide", "lauter",
  ]
}
