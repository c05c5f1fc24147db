import Files
import SystemPackage

/// A page, of which alternative texts are read and written; all other bytes stay as they are.
package struct Page: Sendable {
  package enum Kind: Sendable {
    case html, markdown
  }

  /// More than any page has.
  package static let mostBytes = 16 << 20

  package let path: GivenPath
  package let kind: Kind
  package let bytes: [UInt8]
  /// In the order of the page.
  package let images: [PageImage]
  /// What the addresses of the pictures are told from, by the page itself; nil is the page's own place.
  private let base: [UInt8]?

  /// - Parameter name: what errors call it
  /// - Throws: `MetadataError` for what is no page.
  package init(_ bytes: [UInt8], path: GivenPath) throws(MetadataError) {
    guard !bytes.contains(0) else {
      throw .page(path: path.text, reason: "is neither HTML nor Markdown in an encoding that has ASCII in it")
    }
    (self.path, self.bytes) = (path, bytes)
    kind = Self.kind(bytes, path)
    let ends = bytes.indices.filter { bytes[$0] == 0x0A }
    // The number of line ends before a place.
    let line = { (place: Int) in
      var (low, high) = (0, ends.count)
      while low < high {
        let middle = (low + high) / 2
        if ends[middle] < place { low = middle + 1 } else { high = middle }
      }
      return low + 1
    }
    var base: [UInt8]?
    switch kind {
    case .html:
      let scanner = HTMLImages(place: { $0 }, range: { $0 }, line: line)
      images = scanner.find(in: bytes) { base = base ?? $0 }
    case .markdown: images = MarkdownImages.find(in: bytes, line: line)
    }
    self.base = base
  }

  /// By its beginning, and where that says nothing by its name: a part of a page begins with anything.
  private static func kind(_ bytes: [UInt8], _ path: GivenPath) -> Kind {
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    let text = String(decoding: start.drop(while: \.isSpace).prefix(20).map(\.lowered), as: UTF8.self)
    if ["<!doctype html", "<html", "<head", "<?xml"].contains(where: text.hasPrefix) { return .html }
    let suffix = path.location.extension?.lowercased() ?? ""
    if ["html", "htm", "xhtml", "xht", "shtml", "vue", "svelte"].contains(suffix) { return .html }
    return .markdown
  }

  /// Where a picture is, if it lies on this machine.
  /// - Parameter root: the folder that addresses with a slash before them begin in
  package func location(of image: PageImage, root: GivenPath?) -> GivenPath? {
    PictureAddress(image.source, base: base)?.location(page: path, root: root)
  }

  /// The page with other alternative texts.
  /// - Parameter texts: by the picture's index in `images`
  package func replacing(_ texts: [Int: String]) -> [UInt8] {
    var result: [UInt8] = []
    var copied = 0
    let edits = texts.compactMap { index, text in
      images[index].place.map { ($0, images[index].written(text)) }
    }
    for (place, text) in edits.sorted(by: { $0.0.lowerBound < $1.0.lowerBound }) {
      precondition(place.lowerBound >= copied, "two texts for one place")
      result += bytes[copied..<place.lowerBound]
      result += text.utf8
      copied = place.upperBound
    }
    return result + bytes[copied...]
  }
}
