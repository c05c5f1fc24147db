/// Makes XML ready for exempi, which takes half a file for a whole one, says on standard error what it does not like, and of a text
/// in two languages takes the second for a copy of the first: lists of languages get marks, which make them longer.
///
/// The XML must be as a sidecar has it: UTF-8, with an RDF description in it, each element closed, none too deep for a reader
/// that calls itself, and without entities of its own, of which a few lines can make gigabytes.
enum XMLOutline {
  /// The beginning of the marks' languages.
  static let mark = "x-narrate-mark"

  private static let deepest = 100
  private static let rdf = Array("http://www.w3.org/1999/02/22-rdf-syntax-ns#".utf8)

  /// - Throws: `MetadataError.sidecar` without a path.
  static func marked(_ bytes: [UInt8]) throws(MetadataError) -> [UInt8] {
    do throws(Problem) {
      guard String(validating: bytes, as: UTF8.self) != nil else { throw Problem("no UTF-8") }
      var scanner = Scanner(bytes)
      try scanner.scan()
      guard bytes.firstRange(of: rdf) != nil else { throw Problem("XML without an RDF description") }
      // The marks have this prefix.
      let names = ["\"", "'"].map { Array("xmlns:rdf=\($0)".utf8) + rdf }
      guard names.contains(where: { bytes.firstRange(of: $0) != nil }) else {
        throw Problem("RDF under another prefix than rdf")
      }
      return scanner.marked
    } catch {
      throw .sidecar(path: "", reason: "is no XMP (\(error.reason))")
    }
  }

  /// What exempi made of marked XML, without the marks.
  static func unmarked(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).filter {
      !$0.drop(while: \.isWhitespace).hasPrefix("<rdf:li xml:lang=\"\(mark)")
    }.joined(separator: "\n")
  }

  private struct Problem: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
  }

  private struct Scanner {
    private let all: [UInt8]
    private var rest: ArraySlice<UInt8>
    private(set) var marked: [UInt8] = []
    /// Up to where `marked` has all.
    private var copied = 0
    /// The elements that are open, and whether they are lists with the text that holds for every reader.
    private var open: [(name: ArraySlice<UInt8>, hasDefault: Bool)] = []

    init(_ bytes: [UInt8]) { (all, rest) = (bytes, bytes[...]) }

    mutating func scan() throws(Problem) {
      var elements = 0
      while let start = rest.firstIndex(of: UInt8(ascii: "<")) {
        rest = rest[start...]
        if rest.starts(with: "<!--".utf8) {
          try skip(past: "-->")
        } else if rest.starts(with: "<?".utf8) {
          try skip(past: "?>")
        } else if rest.starts(with: "<![CDATA[".utf8) {
          try skip(past: "]]>")
        } else if rest.starts(with: "<!".utf8) {
          throw Problem("a document type")
        } else {
          try element()
          elements += 1
        }
      }
      guard elements > 0 else { throw Problem("no XML") }
      guard open.isEmpty else { throw Problem("cut off") }
      marked += all[copied...]
    }

    private mutating func skip(past end: String) throws(Problem) {
      guard let range = rest.firstRange(of: Array(end.utf8)) else { throw Problem("cut off") }
      rest = rest[range.upperBound...]
    }

    /// A tag, from its `<`.
    private mutating func element() throws(Problem) {
      let start = rest.startIndex
      guard let end = Self.end(of: rest) else { throw Problem("cut off") }
      let tag = rest[start + 1..<end]
      rest = rest[(end + 1)...]
      let isEnd = tag.first == UInt8(ascii: "/")
      let name = tag.dropFirst(isEnd ? 1 : 0).prefix { $0 > 0x20 && $0 != UInt8(ascii: "/") }
      guard !name.isEmpty else { throw Problem("a tag without a name") }
      if isEnd {
        guard let last = open.popLast(), last.name.elementsEqual(name) else {
          throw Problem("a tag that closes none")
        }
        if last.hasDefault { mark(before: start) }
        return
      }
      if !open.isEmpty, tag.firstRange(of: Array("x-default".utf8)) != nil {
        let list = open[open.count - 1].name
        if list.elementsEqual("rdf:Alt".utf8), name.elementsEqual("rdf:li".utf8) {
          open[open.count - 1].hasDefault = true
        }
      }
      guard tag.last != UInt8(ascii: "/") else { return }
      open.append((name, false))
      guard open.count <= deepest else { throw Problem("more than \(deepest) elements deep") }
    }

    /// Two more items at a list's end, so that there are never two in all.
    private mutating func mark(before place: Int) {
      marked += all[copied..<place]
      copied = place
      for number in 1...2 { marked += "<rdf:li xml:lang=\"\(XMLOutline.mark)\(number)\"/>".utf8 }
    }

    /// Where a tag's `>` is.
    private static func end(of tag: ArraySlice<UInt8>) -> Int? {
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
  }
}
