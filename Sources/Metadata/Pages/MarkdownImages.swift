/// The pictures of a Markdown file (CommonMark 0.31): `![text](address "title")`, `![text][reference]`, and those of HTML in it.
enum MarkdownImages {
  /// - Parameter line: the line that a place of the file is in
  static func find(in bytes: [UInt8], line: @escaping (Int) -> Int) -> [PageImage] {
    let blocks = MarkdownBlocks(bytes)
    var references: [String: [UInt8]] = [:]
    let texts = blocks.paragraphs.map { text in
      (text: text, start: MarkdownReferences.read(text.bytes, into: &references))
    }
    var images = blocks.html.flatMap { html in
      HTMLImages(place: html.place, range: html.range, line: line).find(in: html.bytes)
    }
    for (text, start) in texts {
      var scanner = MarkdownInlines(text, from: start, references, line: line)
      scanner.scan()
      images += scanner.images
    }
    return images.sorted { $0.start < $1.start }
  }
}

/// What stands in a paragraph.
struct MarkdownInlines {
  private let text: MarkdownText
  private var bytes: [UInt8] { text.bytes }
  private let references: [String: [UInt8]]
  private let line: (Int) -> Int
  private var place: Int
  private(set) var images: [PageImage] = []

  init(_ text: MarkdownText, from place: Int, _ references: [String: [UInt8]], line: @escaping (Int) -> Int) {
    (self.text, self.place, self.references, self.line) = (text, place, references, line)
  }

  mutating func scan() {
    while place < bytes.count {
      if let end = Self.opaque(bytes, place) {
        if bytes[place] == UInt8(ascii: "<") { readHTML(place..<end) }
        place = end
      } else if bytes[place] == UInt8(ascii: "!"), place + 1 < bytes.count,
        bytes[place + 1] == UInt8(ascii: "[")
      {
        place = readImage() ?? place + 2
      } else {
        place += 1
      }
    }
  }

  /// Bytes in which what is begun must end: else a page of beginnings would be read to its end for each. CommonMark has such a
  /// limit for labels.
  static let reach = 4096

  /// Where an escaped character, code, or HTML that begins here ends; a run of backticks that nothing closes is text.
  static func opaque(_ bytes: [UInt8], _ place: Int) -> Int? {
    switch bytes[place] {
    case UInt8(ascii: "\\"):
      return place + 1 < bytes.count && bytes[place + 1].isPunctuation ? place + 2 : place + 1
    case UInt8(ascii: "`"):
      let count = bytes[place...].prefix { $0 == UInt8(ascii: "`") }.count
      var rest = bytes[(place + count)...].prefix(reach)
      while let start = rest.firstIndex(of: UInt8(ascii: "`")) {
        let end = rest[start...].firstIndex { $0 != UInt8(ascii: "`") } ?? rest.endIndex
        if end - start == count { return end }
        rest = rest[end...]
      }
      return place + count
    case UInt8(ascii: "<"): return MarkdownHTML.end(in: bytes, at: place)
    default: return nil
    }
  }

  private mutating func readHTML(_ range: Range<Int>) {
    let html = Array(bytes[range])
    let start = range.lowerBound
    images += HTMLImages(
      place: { [text] in text.place($0 + start) },
      range: { [text] in text.range($0.lowerBound + start..<$0.upperBound + start) }, line: line
    ).find(in: html)
  }

  /// - Returns: where an image that begins here ends; nil where none does.
  private mutating func readImage() -> Int? {
    let first = place + 2
    guard let close = MarkdownReferences.closing(bytes, from: first) else { return nil }
    let content = first..<close
    var address: [UInt8]?
    var end = close + 1
    if end < bytes.count, bytes[end] == UInt8(ascii: "(") {
      if let target = MarkdownReferences.target(bytes, from: end + 1) {
        (address, end) = (target.address, target.end)
      }
    }
    if address == nil {
      var label = content
      if end < bytes.count, bytes[end] == UInt8(ascii: "["),
        let last = MarkdownReferences.closing(bytes, from: end + 1, nested: false)
      {
        if last > end + 1 { label = end + 1..<last }
        address = references[MarkdownReferences.label(bytes[label])]
        if address != nil { end = last + 1 }
      }
      if address == nil { address = references[MarkdownReferences.label(bytes[content])] }
    }
    guard let address else { return nil }
    let alt = String(
      decoding: CharacterReferences.resolved(MarkdownReferences.unescaped(bytes[content])[...]), as: UTF8.self
    )
    images.append(
      PageImage(
        line: line(text.place(place)), start: text.place(place), source: address,
        text: alt.isBlank ? nil : alt, mayBeDecorative: false, syntax: .markdown, place: text.range(content)))
    return end
  }
}
