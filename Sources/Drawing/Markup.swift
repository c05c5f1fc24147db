/// Text in HTML and SVG.
package enum Markup {
  /// Text that may stand between tags and in quoted attributes. What XML 1.0 cannot hold becomes U+FFFD.
  ///
  /// Scalar by scalar: a sign that joins the next one to itself, as U+0600 does, would hide a `<` in a character of two.
  package static func escaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;".unicodeScalars
      case "<": result += "&lt;".unicodeScalars
      case ">": result += "&gt;".unicodeScalars
      case "\"": result += "&quot;".unicodeScalars
      case "\t", "\n", "\r": result.append(scalar)
      case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": result.append("\u{FFFD}")
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
