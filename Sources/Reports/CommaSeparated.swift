import Files

/// Records of RFC 4180, which are harmless to terminals and spreadsheets alike.
package enum CommaSeparated {
  package static func text(_ text: String) -> String {
    String(decoding: self.text(Array(text.utf8)), as: UTF8.self)
  }

  /// A field that is somebody's text: control characters are escaped, and an apostrophe stands before what a spreadsheet would take
  /// for a formula (OWASP, CSV Injection).
  package static func text(_ bytes: [UInt8]) -> [UInt8] {
    // The last four are wide forms, which some spreadsheets take for the others.
    let formula = ["=", "+", "-", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}"]
    let shown = String.escapingControls(bytes)
    return (formula.contains { shown.starts(with: $0.utf8) } ? [UInt8(ascii: "'")] : []) + shown
  }

  package static func record(_ fields: [String]) -> [UInt8] { record(fields.map { Array($0.utf8) }) }

  /// Fields with commas, quotes or line ends stand in quotes, quotes doubled; a record ends with CR LF.
  package static func record(_ fields: [[UInt8]]) -> [UInt8] {
    let quote = UInt8(ascii: "\"")
    let special: Set<UInt8> = [quote, UInt8(ascii: ","), UInt8(ascii: "\r"), UInt8(ascii: "\n")]
    let written = fields.map { field in
      guard field.contains(where: special.contains) else { return field }
      return [quote] + field.flatMap { $0 == quote ? [quote, quote] : [$0] } + [quote]
    }
    return Array(written.joined(separator: [UInt8(ascii: ",")])) + Array("\r\n".utf8)
  }
}
