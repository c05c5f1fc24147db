/// A tag of HTML, and where its parts stand in the source.
struct HTMLTag: Equatable {
  struct Attribute: Equatable {
    /// In lower case.
    let name: String
    /// Name and value.
    let range: Range<Int>
    /// Without quotes, character references as they stand; nil where there is none.
    let value: Range<Int>?
  }

  /// In lower case.
  let name: String
  let isEnd: Bool
  let range: Range<Int>
  /// Where its name ends.
  let nameEnd: Int
  /// Of several with one name the first counts.
  let attributes: [Attribute]

  subscript(name: String) -> Attribute? { attributes.first { $0.name == name } }
}

/// The tags of a page, found as browsers find them: the states of the WHATWG's tokenizer (HTML standard, 13.2.5) that tell tags from
/// comments, texts of scripts and styles, and other markup. Bytes are enough, since all that tags are made of is ASCII in all
/// encodings that browsers take for a page but UTF-16.
struct HTMLScanner {
  private let bytes: [UInt8]
  private(set) var place: Int

  init(_ bytes: [UInt8], from place: Int = 0) { (self.bytes, self.place) = (bytes, place) }

  /// Elements whose text has no tags but their own end.
  private static let rawText: Set<String> = [
    "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes",
  ]

  /// The next tag; nil at the end.
  mutating func next() -> HTMLTag? {
    while let start = bytes[place...].firstIndex(of: UInt8(ascii: "<")) {
      place = start + 1
      switch peek() {
      case UInt8(ascii: "!"): skipDeclaration()
      case UInt8(ascii: "?"): skip(past: ">")
      case UInt8(ascii: "/"):
        place += 1
        if peek().isLetter {
          guard let tag = tag(from: start, isEnd: true) else { return nil }
          return tag
        }
        // "</>" is nothing, and what else follows a comment.
        skip(past: ">")
      case let letter where letter.isLetter:
        guard let tag = tag(from: start, isEnd: false) else { return nil }
        if tag.name == "plaintext" { place = bytes.count }
        if Self.rawText.contains(tag.name) { skipText(of: tag.name) }
        return tag
      default: break
      }
    }
    place = bytes.count
    return nil
  }

  private func peek(_ distance: Int = 0) -> UInt8 {
    place + distance < bytes.count ? bytes[place + distance] : 0
  }

  private func isAt(_ text: String, _ place: Int) -> Bool {
    bytes[min(place, bytes.count)...].prefix(text.utf8.count).elementsEqual(text.utf8) { $0.lowered == $1 }
  }

  private mutating func skip(past end: String) {
    while place < bytes.count, !isAt(end, place) { place += 1 }
    place = min(bytes.count, place + end.utf8.count)
  }

  /// From the `!`.
  private mutating func skipDeclaration() {
    guard isAt("!--", place) else { return skip(past: ">") }
    place += 3
    for short in [">", "->"] where isAt(short, place) {
      place += short.utf8.count
      return
    }
    while place < bytes.count {
      for end in ["-->", "--!>"] where isAt(end, place) {
        place += end.utf8.count
        return
      }
      place += 1
    }
  }

  /// To the end tag of an element, which is left to be read.
  private mutating func skipText(of name: String) {
    // In a script's comment, a script in it has an end of its own.
    var (isComment, isInner) = (false, false)
    while place < bytes.count {
      if name == "script" {
        if !isComment, isAt("<!--", place) { (isComment, isInner) = (true, false) }
        if isComment, isAt("-->", place) { isComment = false }
        if isComment, !isInner, isName("<script", place) {
          isInner = true
          place += 7
          continue
        }
        if isComment, isInner, isName("</script", place) {
          isInner = false
          place += 8
          continue
        }
      }
      if isName("</" + name, place) { return }
      place += 1
    }
  }

  /// Whether a tag's whole name stands there.
  private func isName(_ text: String, _ place: Int) -> Bool {
    let end = place + text.utf8.count
    return isAt(text, place) && end < bytes.count
      && (bytes[end].isSpace || bytes[end] == UInt8(ascii: "/") || bytes[end] == UInt8(ascii: ">"))
  }

  /// A tag, from the first letter of its name; nil where the page ends in it.
  private mutating func tag(from start: Int, isEnd: Bool) -> HTMLTag? {
    let first = place
    while place < bytes.count, !peek().endsName { place += 1 }
    let name = text(first..<place)
    let nameEnd = place
    var attributes: [HTMLTag.Attribute] = []
    while place < bytes.count {
      if peek() == UInt8(ascii: ">") {
        place += 1
        return HTMLTag(
          name: name, isEnd: isEnd, range: start..<place, nameEnd: nameEnd, attributes: attributes)
      }
      if peek().isSpace || peek() == UInt8(ascii: "/") {
        place += 1
      } else if let attribute = attribute() {
        attributes.append(attribute)
      }
    }
    return nil
  }

  /// nil where the page ends in it.
  private mutating func attribute() -> HTMLTag.Attribute? {
    let start = place
    // An equals sign first is part of the name.
    repeat { place += 1 } while place < bytes.count && !peek().endsName && peek() != UInt8(ascii: "=")
    let name = text(start..<place)
    let end = place
    while peek().isSpace { place += 1 }
    guard peek() == UInt8(ascii: "=") else {
      place = end
      return HTMLTag.Attribute(name: name, range: start..<end, value: nil)
    }
    place += 1
    while peek().isSpace { place += 1 }
    let quote = peek()
    if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
      let first = place + 1
      guard let last = bytes[first...].firstIndex(of: quote) else {
        place = bytes.count
        return nil
      }
      place = last + 1
      return HTMLTag.Attribute(name: name, range: start..<place, value: first..<last)
    }
    let first = place
    while place < bytes.count, !peek().isSpace, peek() != UInt8(ascii: ">") { place += 1 }
    return HTMLTag.Attribute(name: name, range: start..<place, value: first..<place)
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range].map(\.lowered), as: UTF8.self)
  }
}

extension UInt8 {
  var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lowered) }
  var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
  /// As HTML has it.
  var isSpace: Bool { self == 0x20 || (0x9...0xA).contains(self) || (0xC...0xD).contains(self) }
  var lowered: UInt8 { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self + 32 : self }

  fileprivate var endsName: Bool { isSpace || self == UInt8(ascii: "/") || self == UInt8(ascii: ">") }
}
