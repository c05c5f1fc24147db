extension String {
  /// On one line, and harmless to a terminal, whatever it came from: control characters, line separators and what turns the
  /// direction of writing around stand as Swift writes them (`\n`, `\u{1B}`).
  package var escapingControls: String {
    guard unicodeScalars.contains(where: \.isControlling) else { return self }
    return unicodeScalars.reduce(into: "") { text, scalar in
      if scalar.isControlling {
        text += scalar.escaped(asASCII: true)
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }

  /// Bytes that need not be UTF-8, of a file's name for one, likewise; those that are no character stay as they are.
  package static func escapingControls(_ bytes: [UInt8]) -> [UInt8] {
    if let text = String(validating: bytes, as: UTF8.self) { return Array(text.escapingControls.utf8) }
    var result: [UInt8] = []
    var rest = bytes[...]
    while let first = rest.first {
      let known = (1...4).lazy.filter { $0 <= rest.count }.compactMap {
        String(validating: rest.prefix($0), as: UTF8.self)
      }.first
      if let known {
        result += known.escapingControls.utf8
      } else {
        // Terminals with an encoding of one byte a character take some for commands.
        result += 0x80...0x9F ~= first ? Array("\\x\(String(first, radix: 16))".utf8) : [first]
      }
      rest = rest.dropFirst(known?.utf8.count ?? 1)
    }
    return result
  }

  /// Its beginning and its end, where it has more characters than a message should have.
  package func shortened(to limit: Int = 500) -> String {
    let scalars = unicodeScalars
    guard scalars.index(startIndex, offsetBy: limit + 1, limitedBy: endIndex) != nil else { return self }
    let tail = limit / 4
    return String(scalars.prefix(limit - tail - 1)) + "…" + String(scalars.suffix(tail))
  }
}

extension Unicode.Scalar {
  /// Whether it does something to a terminal or to a line, rather than being seen.
  fileprivate var isControlling: Bool {
    // What most text is.
    if 0x20...0x7E ~= value { return false }
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: return true
    // Embedding, overriding and isolating; marks that turn nothing but what they stand beside are part of many names.
    default: return 0x202A...0x202E ~= value || 0x2066...0x2069 ~= value
    }
  }
}
