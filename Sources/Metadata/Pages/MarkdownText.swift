/// Bytes of a Markdown file that belong together, without the marks of quotes and lists between them, and where each stands.
struct MarkdownText {
  private(set) var bytes: [UInt8] = []
  /// Where each line begins, here and in the file.
  private var lines: [(index: Int, place: Int)] = []

  mutating func append(_ line: ArraySlice<UInt8>) {
    lines.append((bytes.count, line.startIndex))
    bytes += line
  }

  /// Where a byte stands in the file; for the end, what follows the last.
  func place(_ index: Int) -> Int {
    var (low, high) = (0, lines.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if lines[middle].index <= index { low = middle } else { high = middle - 1 }
    }
    return lines.isEmpty ? 0 : lines[low].place + index - lines[low].index
  }

  /// What stands between two places of the file, if nothing else does.
  func range(_ range: Range<Int>) -> Range<Int>? {
    guard let last = range.last else {
      let place = range.lowerBound > 0 ? place(range.lowerBound - 1) + 1 : place(0)
      return place..<place
    }
    let start = place(range.lowerBound)
    return place(last) - start == last - range.lowerBound ? start..<place(last) + 1 : nil
  }
}

/// The parts of a Markdown file that may have pictures in them, told apart as CommonMark 0.31 does: paragraphs with headings and table
/// rows, and blocks of HTML. Code, fenced or indented, and a front matter have none.
struct MarkdownBlocks {
  private(set) var paragraphs: [MarkdownText] = []
  private(set) var html: [MarkdownText] = []

  /// More blocks in blocks are text: nobody writes them, and each is looked at for every line.
  private static let deepest = 100

  /// What other blocks stand in.
  private enum Container {
    case quote
    /// What follows the mark of a list's item, so many columns to the right; whether there is nothing in it yet.
    case item(columns: Int, isEmpty: Bool)
  }

  /// What holds lines.
  private enum Leaf {
    case none
    case paragraph(MarkdownText)
    case fence(mark: UInt8, count: Int)
    case html(MarkdownText, HTMLBlock)
  }

  private var containers: [Container] = []
  private var leaf = Leaf.none

  init(_ bytes: [UInt8]) {
    var rest = bytes[Self.frontMatter(bytes)...]
    while !rest.isEmpty {
      let end = rest.firstIndex(of: 0x0A).map { $0 + 1 } ?? rest.endIndex
      read(rest[..<end])
      rest = rest[end...]
    }
    endLeaf()
  }

  /// Where what follows a front matter in YAML or TOML begins.
  private static func frontMatter(_ bytes: [UInt8]) -> Int {
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    for mark in ["---", "+++"] {
      let lines = bytes[start...].split(separator: 0x0A, maxSplits: 400, omittingEmptySubsequences: false)
      func isMark(_ line: ArraySlice<UInt8>) -> Bool {
        line.starts(with: mark.utf8) && line.dropFirst(mark.utf8.count).allSatisfy(\.isSpace)
      }
      guard let first = lines.first, isMark(first) else { continue }
      if let end = lines.dropFirst().first(where: isMark) { return min(bytes.count, end.endIndex + 1) }
    }
    return start
  }

  private mutating func endLeaf() {
    switch leaf {
    case .paragraph(let text): paragraphs.append(text)
    case .html(let text, _): html.append(text)
    case .fence, .none: break
    }
    leaf = .none
  }

  /// CommonMark's appendix: first it is found in which of the open blocks a line goes on, then which ones it begins.
  private mutating func read(_ line: ArraySlice<UInt8>) {
    var line = MarkdownLine(line)
    let matched = skipMarks(of: &line)
    if matched == containers.count, goesOn(line) { return }
    var isParagraph = false
    if case .paragraph = leaf { isParagraph = true }
    let isLazy = isParagraph && matched < containers.count
    var isNew = false
    /// Ends what the line is not in.
    func close(_ blocks: inout MarkdownBlocks) {
      if !isNew, matched < blocks.containers.count {
        blocks.containers.removeLast(blocks.containers.count - matched)
      }
      blocks.endLeaf()
      (isNew, isParagraph) = (true, false)
    }
    while !line.isBlank, containers.count < Self.deepest {
      if line.indent >= 4 {
        if !isParagraph { return close(&self) }
        break
      }
      if line.skipQuote() {
        close(&self)
        fill()
        containers.append(.quote)
      } else if begins(line, interrupting: isParagraph, isLazy: isLazy, close) {
        return
      } else if let columns = line.skipListMark(interrupting: isParagraph && !isLazy) {
        close(&self)
        fill()
        containers.append(.item(columns: columns, isEmpty: line.isBlank))
      } else {
        break
      }
    }
    if line.isBlank { return isNew ? () : close(&self) }
    fill()
    if !isParagraph {
      if !isNew { close(&self) }
      leaf = .paragraph(MarkdownText())
    }
    guard case .paragraph(var text) = leaf else { return }
    // Or it would be copied with each line.
    leaf = .none
    text.append(line.rest)
    leaf = .paragraph(text)
  }

  /// Skips the marks of the blocks that the line goes on in.
  /// - Returns: how many they are
  private func skipMarks(of line: inout MarkdownLine) -> Int {
    for (index, container) in containers.enumerated() {
      switch container {
      case .quote: if line.indent >= 4 || !line.skipQuote() { return index }
      case .item(let columns, let isEmpty):
        if line.isBlank {
          if isEmpty { return index }
        } else {
          guard line.indent >= columns else { return index }
          line.skip(columns: columns)
        }
      }
    }
    return containers.count
  }

  /// The item that the line stands in has something in it.
  private mutating func fill() {
    guard case .item(let columns, true) = containers.last else { return }
    containers[containers.count - 1] = .item(columns: columns, isEmpty: false)
  }

  /// Whether a line goes on with the code or the HTML that is open.
  private mutating func goesOn(_ line: MarkdownLine) -> Bool {
    switch leaf {
    case .none, .paragraph: return false
    case .fence(let mark, let count):
      if line.closesFence(mark, count) { leaf = .none }
      return true
    case .html(var text, let block):
      if line.isBlank, block.endsAtBlank { return false }
      leaf = .none
      text.append(line.rest)
      leaf = .html(text, block)
      if block.ends(line.rest) { endLeaf() }
      return true
    }
  }

  /// Whether a line begins code, HTML or a heading, or is one across.
  private mutating func begins(
    _ line: MarkdownLine, interrupting: Bool, isLazy: Bool, _ close: (inout MarkdownBlocks) -> Void
  ) -> Bool {
    if let (mark, count) = line.openedFence {
      close(&self)
      fill()
      leaf = .fence(mark: mark, count: count)
    } else if let block = HTMLBlock(line.rest, interrupting: interrupting) {
      close(&self)
      fill()
      var text = MarkdownText()
      text.append(line.rest)
      leaf = .html(text, block)
      if block.ends(line.rest) { endLeaf() }
    } else if line.isHeading {
      close(&self)
      fill()
      var text = MarkdownText()
      text.append(line.rest)
      paragraphs.append(text)
    } else if line.isRule || (line.isUnderline && interrupting && !isLazy) {
      close(&self)
      fill()
    } else {
      return false
    }
    return true
  }
}
