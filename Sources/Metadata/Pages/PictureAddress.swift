import Files
import SystemPackage

/// The address of a picture in a page (RFC 3986), as a path.
struct PictureAddress {
  /// Percent signs resolved, without query and fragment.
  private let path: [UInt8]

  /// - Parameter base: what a page says that its addresses are told from
  /// - Returns: nil for what lies elsewhere, or is made by a template
  init?(_ address: [UInt8], base: [UInt8]?) {
    guard let own = Self.path(address) else { return nil }
    guard let base, own.first != UInt8(ascii: "/") else {
      path = own
      return
    }
    guard let outer = Self.path(base, mayBeEmpty: true) else { return nil }
    path = outer.prefix(through: outer.lastIndex(of: UInt8(ascii: "/")) ?? -1) + own
  }

  private static func path(_ address: [UInt8], mayBeEmpty: Bool = false) -> [UInt8]? {
    // A scheme, or the name of a host.
    let scheme = address.prefix { $0.isLetter || $0.isDigit || "+.-".utf8.contains($0) }
    guard !address.starts(with: "//".utf8), address.dropFirst(scheme.count).first != UInt8(ascii: ":") else {
      return nil
    }
    guard
      !["{{", "{%", "{#", "<%", "<?", "${"].contains(where: { address.firstRange(of: Array($0.utf8)) != nil })
    else { return nil }
    let path = address.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
    guard mayBeEmpty || !path.isEmpty else { return nil }
    var result: [UInt8] = []
    var rest = path[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(2)
      if byte == UInt8(ascii: "%"), digits.count == 2,
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16), value > 0
      {
        result.append(value)
        rest = rest.dropFirst(2)
      } else {
        result.append(byte)
      }
    }
    return result
  }

  /// - Returns: nil for an address that begins with a slash, where there is no root.
  func location(page: GivenPath, root: GivenPath?) -> GivenPath? {
    if path.first == UInt8(ascii: "/") {
      return root?.appending(Array(path.drop { $0 == UInt8(ascii: "/") }))
    }
    guard !page.isStandardStream, let slash = page.bytes.lastIndex(of: UInt8(ascii: "/")) else {
      return GivenPath(bytes: path)
    }
    return GivenPath(bytes: page.bytes[...slash] + path)
  }
}
