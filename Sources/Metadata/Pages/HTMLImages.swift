/// The pictures of HTML, be it a page or a part of a Markdown file.
struct HTMLImages {
  /// Where a byte of what is scanned stands in the file.
  let place: (Int) -> Int
  /// What stands between two places of the file, if nothing else does.
  let range: (Range<Int>) -> Range<Int>?
  let line: (Int) -> Int

  /// - Parameters:
  ///   - bytes: HTML
  ///   - base: told the address of each `base` element
  func find(in bytes: [UInt8], base: ([UInt8]) -> Void = { _ in }) -> [PageImage] {
    var scanner = HTMLScanner(bytes)
    var images: [PageImage] = []
    while let tag = scanner.next() {
      guard !tag.isEnd else { continue }
      if tag.name == "img" { images.append(image(tag, bytes)) }
      if tag.name == "base", let href = tag["href"]?.value { base(CharacterReferences.resolved(bytes[href])) }
    }
    return images
  }

  private func image(_ tag: HTMLTag, _ bytes: [UInt8]) -> PageImage {
    let source = tag["src"]?.value.map { CharacterReferences.resolved(bytes[$0]) } ?? []
    let alt = tag["alt"]
    let text = alt.map { attribute in
      String(decoding: attribute.value.map { CharacterReferences.resolved(bytes[$0]) } ?? [], as: UTF8.self)
    }
    let after = tag["src"]?.range.upperBound ?? tag.nameEnd
    let start = place(tag.range.lowerBound)
    return PageImage(
      line: line(start), start: start, source: Self.trimmed(source), text: text, mayBeDecorative: true,
      syntax: .attribute(isThere: alt != nil), place: range(alt?.range ?? after..<after))
  }

  private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
    Array(bytes.drop(while: \.isSpace).reversed().drop(while: \.isSpace).reversed())
  }
}
