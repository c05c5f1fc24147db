/// HTML within a line of Markdown, which must be as CommonMark 0.31, 6.6, has it: what is not is text.
enum MarkdownHTML {
  /// Where what begins with `<` ends: a tag, a comment or other markup; nil where it is text.
  static func end(in bytes: [UInt8], at start: Int) -> Int? {
    let rest = bytes[start...].prefix(MarkdownInlines.reach)
    for (mark, end) in [("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>")]
    where rest.starts(with: mark.utf8) {
      for short in ["<!-->", "<!--->"] where mark == "<!--" && rest.starts(with: short.utf8) {
        return start + short.utf8.count
      }
      return rest.dropFirst(mark.utf8.count).firstRange(of: Array(end.utf8))?.upperBound
    }
    if rest.starts(with: "<!".utf8), rest.dropFirst(2).first?.isLetter == true {
      return rest.firstIndex(of: UInt8(ascii: ">")).map { $0 + 1 }
    }
    return tag(in: bytes, at: start, reach: MarkdownInlines.reach) ?? autolink(in: bytes, at: start)
  }

  /// `<https://example.org>`, `<me@example.org>`
  private static func autolink(in bytes: [UInt8], at start: Int) -> Int? {
    guard
      let end = bytes[(start + 1)...].firstIndex(where: {
        $0.isSpace || $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: ">")
      }),
      bytes[end] == UInt8(ascii: ">")
    else { return nil }
    let text = bytes[start + 1..<end]
    let scheme = text.prefix { $0.isLetter || $0.isDigit || "+.-".utf8.contains($0) }
    let isAddress = 2...32 ~= scheme.count && text.dropFirst(scheme.count).first == UInt8(ascii: ":")
    return isAddress || text.contains(UInt8(ascii: "@")) ? end + 1 : nil
  }

  /// Where a tag ends, opening or closing; nil where none begins.
  static func tag(in bytes: [UInt8], at start: Int, reach: Int = .max) -> Int? {
    var place = start + 1
    let limit = start + min(reach, bytes.count - start)
    func peek() -> UInt8 { place < limit ? bytes[place] : 0 }
    @discardableResult func skip(while isPart: (UInt8) -> Bool) -> Bool {
      let first = place
      while place < limit, isPart(bytes[place]) { place += 1 }
      return place > first
    }
    let isEnd = peek() == UInt8(ascii: "/")
    if isEnd { place += 1 }
    guard peek().isLetter else { return nil }
    skip { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "-") }
    while true {
      let hasSpace = skip(while: \.isSpace)
      if !isEnd, peek() == UInt8(ascii: "/") { place += 1 }
      if peek() == UInt8(ascii: ">") { return place + 1 }
      guard !isEnd, hasSpace, peek().isLetter || "_:".utf8.contains(peek()) else { return nil }
      skip { $0.isLetter || $0.isDigit || "_.:-".utf8.contains($0) }
      let end = place
      skip(while: \.isSpace)
      guard peek() == UInt8(ascii: "=") else {
        place = end
        continue
      }
      place += 1
      skip(while: \.isSpace)
      let quote = peek()
      if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
        place += 1
        skip { $0 != quote }
        guard peek() == quote else { return nil }
        place += 1
      } else {
        guard skip(while: { !$0.isSpace && !"\"'=<>`".utf8.contains($0) }) else { return nil }
      }
    }
  }
}
