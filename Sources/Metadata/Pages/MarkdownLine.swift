/// A line of Markdown, read from its left.
struct MarkdownLine {
  /// What has not been read.
  private(set) var rest: ArraySlice<UInt8>
  /// The column where that begins.
  private var column = 0

  init(_ line: ArraySlice<UInt8>) { rest = line }

  var isBlank: Bool { rest.allSatisfy(\.isSpace) }

  /// Columns before the first character.
  var indent: Int {
    var end = column
    for byte in rest {
      if byte == 0x20 { end += 1 } else if byte == 0x09 { end += 4 - end % 4 } else { break }
    }
    return end - column
  }

  private var text: ArraySlice<UInt8> { rest.drop { $0 == 0x20 || $0 == 0x09 } }

  /// Skips columns that are blank; of a tab it may be a part, and what is left of it follows from the column.
  mutating func skip(columns: Int) {
    let end = column + columns
    while column < end, let byte = rest.first {
      let width = byte == 0x09 ? 4 - column % 4 : 1
      column = min(end, column + width)
      if column < end || byte != 0x09 || column % 4 == 0 { rest = rest.dropFirst() }
    }
  }

  /// Skips the mark of a quote.
  /// - Returns: whether there is one
  mutating func skipQuote() -> Bool {
    guard text.first == UInt8(ascii: ">") else { return false }
    skip(columns: indent)
    skip(columns: 1)
    if rest.first == 0x20 || rest.first == 0x09 { skip(columns: 1) }
    return true
  }

  /// Skips the mark of a list's item.
  /// - Parameter interrupting: whether it would end a paragraph, which a numbered one does from 1 on
  /// - Returns: the columns before the item's content
  mutating func skipListMark(interrupting: Bool) -> Int? {
    let (before, text) = (indent, text)
    guard let first = text.first else { return nil }
    let count: Int
    if "-+*".utf8.contains(first) {
      count = 1
    } else {
      let digits = text.prefix(while: \.isDigit)
      guard 1...9 ~= digits.count, let mark = text.dropFirst(digits.count).first, ".)".utf8.contains(mark),
        !interrupting || digits.elementsEqual("1".utf8)
      else { return nil }
      count = digits.count + 1
    }
    var after = self
    after.skip(columns: before)
    for _ in 0..<count { after.skip(columns: 1) }
    guard after.isBlank || after.rest.first == 0x20 || after.rest.first == 0x09,
      !(interrupting && after.isBlank)
    else { return nil }
    // Code in an item begins a column after its mark.
    let gap = after.isBlank || after.indent > 4 ? 1 : after.indent
    if !after.isBlank { after.skip(columns: gap) }
    self = after
    return before + count + gap
  }

  /// The mark of a fence of code that begins here, and how long it is.
  var openedFence: (mark: UInt8, count: Int)? {
    guard let mark = text.first, "`~".utf8.contains(mark) else { return nil }
    let count = text.prefix { $0 == mark }.count
    let isCode = mark == UInt8(ascii: "`") && text.dropFirst(count).contains(mark)
    return count >= 3 && !isCode ? (mark, count) : nil
  }

  func closesFence(_ mark: UInt8, _ count: Int) -> Bool {
    let length = text.prefix { $0 == mark }.count
    return indent < 4 && length >= count && text.dropFirst(length).allSatisfy(\.isSpace)
  }

  /// `## Heading`
  var isHeading: Bool {
    let count = text.prefix { $0 == UInt8(ascii: "#") }.count
    return 1...6 ~= count && (text.dropFirst(count).first ?? 0x20).isSpace
  }

  /// A line across.
  var isRule: Bool {
    let marks = text.filter { !$0.isSpace }
    guard let first = marks.first, "-_*".utf8.contains(first) else { return false }
    return marks.count >= 3 && marks.allSatisfy { $0 == first }
  }

  /// What stands under a heading.
  var isUnderline: Bool {
    guard let first = text.first, "=-".utf8.contains(first) else { return false }
    return text.drop { $0 == first }.allSatisfy(\.isSpace)
  }
}

/// A block of HTML in Markdown, by how it ends (CommonMark 0.31, 4.6).
struct HTMLBlock {
  /// What the last line has in it; empty where a blank line ends it.
  private let ends: [String]

  var endsAtBlank: Bool { ends.isEmpty }

  /// The block that a line begins; nil where it begins none.
  init?(_ line: ArraySlice<UInt8>, interrupting: Bool) {
    let rest = line.drop { $0 == 0x20 }
    guard rest.first == UInt8(ascii: "<") else { return nil }
    let text = Array(rest)
    let lower = String(decoding: text.prefix(40).map(\.lowered), as: UTF8.self)
    if lower.hasPrefix("<!--") {
      ends = ["-->"]
    } else if lower.hasPrefix("<?") {
      ends = ["?>"]
    } else if lower.hasPrefix("<![cdata[") {
      ends = ["]]>"]
    } else if lower.hasPrefix("<!"), text.count > 2, text[2].isLetter {
      ends = [">"]
    } else {
      let isEnd = lower.hasPrefix("</")
      let name = String(lower.dropFirst(isEnd ? 2 : 1).prefix { $0.isASCII && ($0.isLetter || $0.isNumber) })
      let after = text.dropFirst((isEnd ? 2 : 1) + name.utf8.count).first ?? 0x0A
      let isWhole = after.isSpace || after == UInt8(ascii: ">") || after == UInt8(ascii: "/")
      if !isEnd, isWhole, ["pre", "script", "style", "textarea"].contains(name) {
        ends = ["</pre>", "</script>", "</style>", "</textarea>"]
      } else if isWhole, Self.blocks.contains(name) {
        ends = []
      } else {
        guard !interrupting, let end = MarkdownHTML.tag(in: text, at: 0),
          text[end...].allSatisfy(\.isSpace)
        else { return nil }
        ends = []
      }
    }
  }

  /// Whether a line is the last.
  func ends(_ line: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: line.map(\.lowered), as: UTF8.self)
    return ends.contains { text.contains($0) }
  }

  private static let blocks: Set<String> = [
    "address", "article", "aside", "base", "basefont", "blockquote", "body", "caption", "center", "col",
    "colgroup", "dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure",
    "footer", "form", "frame", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html",
    "iframe", "legend", "li", "link", "main", "menu", "menuitem", "nav", "noframes", "ol", "optgroup",
    "option", "p", "param", "search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead",
    "title", "tr", "track", "ul",
  ]
}
