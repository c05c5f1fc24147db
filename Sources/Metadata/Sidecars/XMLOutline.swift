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
    do throws(XMLProblem) {
      guard String(validating: bytes, as: UTF8.self) != nil else { throw XMLProblem("no UTF-8") }
      var scanner = Scanner(bytes)
      try scanner.scan()
      guard bytes.firstRange(of: rdf) != nil else { throw XMLProblem("XML without an RDF description") }
      // The marks have this prefix.
      let names = ["\"", "'"].map { Array("xmlns:rdf=\($0)".utf8) + rdf }
      guard names.contains(where: { bytes.firstRange(of: $0) != nil }) else {
        throw XMLProblem("RDF under another prefix than rdf")
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

  private struct Scanner {
    private let all: [UInt8]
    private var rest: ArraySlice<UInt8>
    private(set) var marked: [UInt8] = []
    /// Up to where `marked` has all.
    private var copied = 0
    /// The elements that are open, and whether they are lists with the text that holds for every reader.
    private var open: [(name: ArraySlice<UInt8>, hasDefault: Bool, prefixes: Int)] = []
    /// The prefixes that have a meaning here.
    private var prefixes: [ArraySlice<UInt8>] = [Array("xml".utf8)[...], Array("xmlns".utf8)[...]]

    init(_ bytes: [UInt8]) { (all, rest) = (bytes, bytes[...]) }

    mutating func scan() throws(XMLProblem) {
      if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
      var roots = 0
      while true {
        let start = rest.firstIndex(of: UInt8(ascii: "<")) ?? rest.endIndex
        try XMLTag.checkText(rest[..<start])
        guard !open.isEmpty || rest[..<start].allSatisfy({ $0 <= 0x20 }) else {
          throw XMLProblem(roots == 0 ? "no XML" : "text after its end")
        }
        rest = rest[start...]
        if rest.isEmpty { break }
        if rest.starts(with: "<!--".utf8) {
          try skip(past: "-->")
        } else if rest.starts(with: "<?".utf8) {
          try skip(past: "?>")
        } else if rest.starts(with: "<![CDATA[".utf8) {
          try skip(past: "]]>")
        } else if rest.starts(with: "<!".utf8) {
          throw XMLProblem("a document type")
        } else {
          if open.isEmpty { roots += 1 }
          try element()
        }
      }
      guard roots > 0 else { throw XMLProblem("no XML") }
      guard open.isEmpty else { throw XMLProblem("cut off") }
      guard roots == 1 else { throw XMLProblem("more than one root") }
      marked += all[copied...]
    }

    private mutating func skip(past end: String) throws(XMLProblem) {
      guard let range = rest.firstRange(of: Array(end.utf8)) else { throw XMLProblem("cut off") }
      rest = rest[range.upperBound...]
    }

    /// A tag, from its `<`.
    private mutating func element() throws(XMLProblem) {
      let start = rest.startIndex
      guard let end = XMLTag.end(of: rest) else { throw XMLProblem("cut off") }
      let tag = try XMLTag(rest[start + 1..<end])
      rest = rest[(end + 1)...]
      if tag.isEnd {
        guard let last = open.popLast(), last.name.elementsEqual(tag.name) else {
          throw XMLProblem("a tag that closes none")
        }
        if last.hasDefault { mark(before: start) }
        prefixes.removeLast(prefixes.count - last.prefixes)
        return
      }
      let outer = prefixes.count
      prefixes += tag.prefixes
      for prefix in tag.usedPrefixes where !prefixes.contains(where: { $0.elementsEqual(prefix) }) {
        throw XMLProblem("a prefix without a meaning")
      }
      if !open.isEmpty, tag.isDefaultItem, open[open.count - 1].name.elementsEqual("rdf:Alt".utf8) {
        open[open.count - 1].hasDefault = true
      }
      guard !tag.isEmpty else { return prefixes.removeLast(prefixes.count - outer) }
      open.append((tag.name, false, outer))
      guard open.count <= deepest else { throw XMLProblem("more than \(deepest) elements deep") }
    }

    /// Two more items at a list's end, so that there are never two in all.
    private mutating func mark(before place: Int) {
      marked += all[copied..<place]
      copied = place
      for number in 1...2 { marked += "<rdf:li xml:lang=\"\(XMLOutline.mark)\(number)\"/>".utf8 }
    }
  }
}
