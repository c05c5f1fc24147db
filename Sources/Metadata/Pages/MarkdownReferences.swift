/// Addresses of pictures in Markdown: where they stand, and what references mean.
enum MarkdownReferences {
  /// Brackets in brackets; more would be read again for each.
  private static let deepest = 32

  /// Reads the definitions that a paragraph begins with, `[label]: address "title"`; of several for one label the first counts.
  /// - Returns: where they end
  static func read(_ bytes: [UInt8], into references: inout [String: [UInt8]]) -> Int {
    var place = 0
    while let definition = definition(bytes, from: place) {
      if references[definition.label] == nil { references[definition.label] = definition.address }
      place = definition.end
    }
    return place
  }

  private static func definition(_ bytes: [UInt8], from start: Int) -> (
    label: String, address: [UInt8], end: Int
  )? {
    var place = skipSpace(bytes, start)
    guard place < bytes.count, bytes[place] == UInt8(ascii: "["),
      let close = closing(bytes, from: place + 1, nested: false), close + 1 < bytes.count,
      bytes[close + 1] == UInt8(ascii: ":")
    else { return nil }
    let label = label(bytes[place + 1..<close])
    place = skipSpace(bytes, close + 2)
    guard !label.isEmpty, let (address, after) = address(bytes, from: place),
      !address.isEmpty || after > place
    else { return nil }
    // What else stands in its line must be a title; a title in the next one is none if something follows it.
    var ends = [after]
    if let title = title(bytes, from: skipSpace(bytes, after)), skipSpace(bytes, after) > after {
      ends.append(title)
    }
    for end in ends.reversed() {
      let rest = bytes[end...].prefix { $0 != 0x0A }
      if rest.allSatisfy(\.isSpace) { return (label, address, min(bytes.count, rest.endIndex + 1)) }
    }
    return nil
  }

  /// What stands between the brackets of an image, `address "title")`.
  static func target(_ bytes: [UInt8], from start: Int) -> (address: [UInt8], end: Int)? {
    var place = skipSpace(bytes, start)
    guard let (found, after) = address(bytes, from: place) else { return nil }
    place = skipSpace(bytes, after)
    if place > after, let end = title(bytes, from: place) { place = skipSpace(bytes, end) }
    guard place < bytes.count, bytes[place] == UInt8(ascii: ")") else { return nil }
    return (found, place + 1)
  }

  /// An address, in angle brackets or with none; it may be empty.
  private static func address(_ bytes: [UInt8], from start: Int) -> (address: [UInt8], end: Int)? {
    guard start < bytes.count else { return nil }
    var place = start
    // What is longer is no file's name, but data.
    let limit = min(bytes.count, start + MarkdownInlines.reach)
    if bytes[start] == UInt8(ascii: "<") {
      place += 1
      while place < limit, bytes[place] != UInt8(ascii: ">") {
        if bytes[place] == 0x0A || bytes[place] == UInt8(ascii: "<") { return nil }
        place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
      }
      guard place < limit else { return nil }
      return (meant(bytes[start + 1..<place]), place + 1)
    }
    var depth = 0
    scan: while place < limit {
      switch bytes[place] {
      case UInt8(ascii: "\\") where place + 1 < bytes.count && bytes[place + 1].isPunctuation: place += 1
      case UInt8(ascii: "("):
        depth += 1
        if depth > deepest { return nil }
      case UInt8(ascii: ")"):
        if depth == 0 { break scan }
        depth -= 1
      case 0...0x20, 0x7F: break scan
      default: break
      }
      place += 1
    }
    return depth == 0 ? (meant(bytes[start..<place]), place) : nil
  }

  /// Where a title ends; nil where none begins.
  private static func title(_ bytes: [UInt8], from start: Int) -> Int? {
    guard start < bytes.count else { return nil }
    let ends: [UInt8: UInt8] = [
      UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "'"): UInt8(ascii: "'"),
      UInt8(ascii: "("): UInt8(ascii: ")"),
    ]
    guard let end = ends[bytes[start]] else { return nil }
    var place = start + 1
    let limit = min(bytes.count, start + MarkdownInlines.reach)
    while place < limit, bytes[place] != end { place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1 }
    return place < limit ? place + 1 : nil
  }

  /// Where the bracket is that closes what begins here.
  /// - Parameter nested: whether it may have others in it, as a text may and a label may not
  static func closing(_ bytes: [UInt8], from start: Int, nested: Bool = true) -> Int? {
    var (place, depth) = (start, 0)
    let limit = min(bytes.count, start + MarkdownInlines.reach)
    while place < limit {
      if bytes[place] == UInt8(ascii: "["), !nested { return nil }
      if bytes[place] == UInt8(ascii: "[") { depth += 1 }
      if depth > deepest { return nil }
      if bytes[place] == UInt8(ascii: "]") {
        if depth == 0 { return place }
        depth -= 1
      }
      let isEscape = bytes[place] == UInt8(ascii: "\\")
      place = nested || isEscape ? MarkdownInlines.opaque(bytes, place) ?? place + 1 : place + 1
    }
    return nil
  }

  /// A label as it is compared: in lower case, its spaces one each.
  static func label(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
      .lowercased().uppercased()
  }

  private static func skipSpace(_ bytes: [UInt8], _ start: Int) -> Int {
    bytes[min(start, bytes.count)...].firstIndex { !$0.isSpace } ?? bytes.count
  }

  private static func meant(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    CharacterReferences.resolved(unescaped(bytes)[...])
  }

  /// Without the backslashes that keep punctuation from meaning anything.
  static func unescaped(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var rest = bytes
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), let next = rest.first, next.isPunctuation {
        result.append(rest.removeFirst())
      } else {
        result.append(byte)
      }
    }
    return result
  }
}

extension UInt8 {
  /// Of ASCII.
  var isPunctuation: Bool { (0x21...0x7E).contains(self) && !isLetter && !isDigit }
}
