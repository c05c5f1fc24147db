/// A picture in a page, and where its alternative text stands or would stand.
package struct PageImage: Equatable, Sendable {
  /// How the text is written there.
  enum Syntax: Equatable, Sendable {
    /// The whole attribute, at the place of one that is there, or after the one before.
    case attribute(isThere: Bool)
    case markdown
  }

  /// Counted from 1.
  package let line: Int
  /// In bytes of the file.
  let start: Int
  /// The address, as the page means it; empty where there is none.
  package let source: [UInt8]
  /// The alternative text, as the page means it; nil where there is none.
  package let text: String?
  /// Whether an empty text is an author's word that the picture says nothing: in HTML, and not in Markdown, where there is no other
  /// way to leave it out.
  package let mayBeDecorative: Bool
  let syntax: Syntax
  /// What is replaced, in bytes of the source; nil where there is no text that another could take the place of.
  let place: Range<Int>?

  /// The address, for people.
  package var name: String { String(decoding: source, as: UTF8.self) }

  /// What stands in `place` for a text.
  func written(_ text: String) -> String {
    switch syntax {
    case .attribute(let isThere):
      let escaped = text.reduce(into: "") { escaped, character in
        switch character {
        case "&": escaped += "&amp;"
        case "\"": escaped += "&quot;"
        case "<": escaped += "&lt;"
        case ">": escaped += "&gt;"
        default: escaped.append(character)
        }
      }
      return (isThere ? "" : " ") + "alt=\"" + escaped + "\""
    case .markdown:
      return text.reduce(into: "") { escaped, character in
        if "\\`*_[]<>&|!".contains(character) { escaped.append("\\") }
        escaped.append(character)
      }
    }
  }
}
