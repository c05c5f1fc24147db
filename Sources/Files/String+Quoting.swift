extension String {
  /// Characters of what an error says of a file: more is no message.
  package static var longestMessage: Int { 500 }

  /// The text as an error says it. Of a longer one the beginning: a file may have a line of a hundred megabytes where a word is
  /// expected.
  package var asMessage: String {
    // Bytes are counted at no cost, and no character has less than one.
    guard utf8.count > Self.longestMessage, unicodeScalars.count > Self.longestMessage else { return self }
    return String(String.UnicodeScalarView(unicodeScalars.prefix(Self.longestMessage - 1))) + "…"
  }
}
