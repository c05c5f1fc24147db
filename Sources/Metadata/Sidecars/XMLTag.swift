/// What is wrong with XML.
struct XMLProblem: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

/// A tag of XML 1.0 with namespaces.
struct XMLTag {
  let name: ArraySlice<UInt8>
  let isEnd: Bool
  /// Whether it is an element by itself, `<a/>`.
  let isEmpty: Bool
  private var attributes: [(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)] = []

  /// - Parameter tag: what stands between the angle brackets
  init(_ tag: ArraySlice<UInt8>) throws(XMLProblem) {
    isEnd = tag.first == UInt8(ascii: "/")
    isEmpty = !isEnd && tag.last == UInt8(ascii: "/")
    var rest = tag.dropFirst(isEnd ? 1 : 0).dropLast(isEmpty ? 1 : 0)
    name = rest.prefix { Self.isOfName($0) }
    guard let first = name.first, !first.isDigit else { throw XMLProblem("a tag without a name") }
    rest = rest.dropFirst(name.count)
    while true {
      let gap = rest.prefix(while: \.isXMLSpace).count
      rest = rest.dropFirst(gap)
      if rest.isEmpty { break }
      let name = rest.prefix { Self.isOfName($0) }
      rest = rest.dropFirst(name.count).drop(while: \.isXMLSpace)
      guard gap > 0, !isEnd, !name.isEmpty, rest.popFirst() == UInt8(ascii: "=") else {
        throw XMLProblem("a tag that is none")
      }
      rest = rest.drop(while: \.isXMLSpace)
      guard let quote = rest.popFirst(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
        let end = rest.firstIndex(of: quote)
      else { throw XMLProblem("an attribute without quotes") }
      let value = rest[..<end]
      try Self.checkText(value)
      guard !value.contains(UInt8(ascii: "<")), !attributes.contains(where: { $0.name.elementsEqual(name) })
      else {
        throw XMLProblem("an attribute that is none, or doubled")
      }
      attributes.append((name, value))
      rest = rest[(end + 1)...]
    }
  }

  /// Those that it gives a meaning.
  var prefixes: [ArraySlice<UInt8>] {
    attributes.compactMap { $0.name.starts(with: "xmlns:".utf8) ? $0.name.dropFirst(6) : nil }
  }

  /// Those that names have.
  var usedPrefixes: [ArraySlice<UInt8>] {
    ([name] + attributes.map(\.name)).compactMap { name in
      name.firstIndex(of: UInt8(ascii: ":")).map { name[..<$0] }
    }
  }

  /// Whether it is a text that holds for every reader.
  var isDefaultItem: Bool {
    name.elementsEqual("rdf:li".utf8)
      && attributes.contains {
        $0.name.elementsEqual("xml:lang".utf8)
          && String(decoding: $0.value, as: UTF8.self).lowercased() == XMPPacket.anyLanguage
      }
  }

  /// Where a tag's `>` is.
  static func end(of tag: ArraySlice<UInt8>) -> Int? {
    var quote: UInt8?
    return tag.firstIndex { byte in
      if let inside = quote {
        if byte == inside { quote = nil }
        return false
      }
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { quote = byte }
      return byte == UInt8(ascii: ">")
    }
  }

  /// - Throws: for a control character, or a reference to what no sidecar names.
  static func checkText(_ text: ArraySlice<UInt8>) throws(XMLProblem) {
    guard text.allSatisfy({ $0 >= 0x20 || $0.isXMLSpace }) else { throw XMLProblem("a control character") }
    var rest = text
    while let start = rest.firstIndex(of: UInt8(ascii: "&")) {
      rest = rest[(start + 1)...]
      let name = String(decoding: rest.prefix(12).prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self)
      let digits = name.dropFirst(name.hasPrefix("#x") ? 2 : 1)
      let number = name.hasPrefix("#") ? UInt32(digits, radix: name.hasPrefix("#x") ? 16 : 10) : nil
      let isCharacter = number.flatMap(Unicode.Scalar.init).map {
        $0.value >= 0x20 || [9, 10, 13].contains($0.value)
      }
      guard rest.dropFirst(name.utf8.count).first == UInt8(ascii: ";"),
        ["amp", "lt", "gt", "quot", "apos"].contains(name) || isCharacter == true
      else { throw XMLProblem("an ampersand that is none") }
    }
  }

  /// All that is no ASCII may be in a name: what may not is left to the reader.
  private static func isOfName(_ byte: UInt8) -> Bool {
    byte.isLetter || byte.isDigit || byte >= 0x80 || "_:.-".utf8.contains(byte)
  }
}

extension UInt8 {
  fileprivate var isXMLSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
}
