/// What Cairo writes of an SVG file, as it comes.
final class SVGFile {
  private var bytes: [UInt8] = []

  func append(_ more: UnsafeBufferPointer<UInt8>) { bytes += more }

  /// The file, with a name and a description for those who cannot see it.
  func text(title: String, description: String) -> String {
    // Every other part stands between quotation marks.
    let quote = UInt8(ascii: "\"")
    var parts = bytes.split(separator: quote, omittingEmptySubsequences: false)
    Self.numberAnew(&parts)
    let root = parts.firstIndex { $0.suffix(11).elementsEqual("<svg xmlns=".utf8) } ?? parts.endIndex
    if let end = parts[root...].firstIndex(where: { $0.first == UInt8(ascii: ">") }) {
      let named = """
         role="img">
        <title>\(Markup.escaped(title))</title>
        <desc>\(Markup.escaped(description))</desc>
        """
      parts[end] = ArraySlice(named.utf8) + parts[end].dropFirst()
    }
    return String(decoding: Array(parts.joined(separator: [quote])), as: UTF8.self)
  }

  /// Cairo numbers surfaces through the whole process, and names elements by those numbers: the names become first, second … of
  /// this file, so that the same drawing gives the same bytes.
  private static func numberAnew(_ parts: inout [ArraySlice<UInt8>]) {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    var names: [ArraySlice<UInt8>: [UInt8]] = [:]
    for index in parts.indices.dropFirst() where parts[index - 1].suffix(4).elementsEqual(" id=".utf8) {
      let kind = parts[index].prefix { !digits.contains($0) }
      guard kinds.contains(where: { kind.starts(with: $0) }) else { continue }
      let name = Array(kind) + Array(String(names.count + 1).utf8)
      names[parts[index]] = name
      parts[index] = name[...]
    }
    let hash = UInt8(ascii: "#")
    for (index, part) in parts.enumerated() where part.first == hash {
      if let name = names[part.dropFirst()] { parts[index] = [hash] + name }
    }
  }

  /// What the names of elements begin with that Cairo names after surfaces.
  private static let kinds = ["surface", "image", "source"].map { Array($0.utf8) }
}
