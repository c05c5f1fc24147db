/// `&amp;` and the like: the numbers, and those names that addresses and texts have.
enum CharacterReferences {
  private static let names: [String: String] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "auml": "ä", "ouml": "ö",
    "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß", "eacute": "é", "egrave": "è",
    "agrave": "à",
    "ccedil": "ç", "ecirc": "ê", "acirc": "â", "ocirc": "ô", "ntilde": "ñ", "oacute": "ó", "aacute": "á",
    "iacute": "í", "uacute": "ú", "aring": "å", "oslash": "ø", "hellip": "…", "ndash": "–", "mdash": "—",
    "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "copy": "©", "reg": "®", "trade": "™",
    "shy": "\u{AD}",
  ]

  /// Bytes with their references resolved; unknown ones stay.
  static func resolved(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var rest = bytes
    while let start = rest.firstIndex(of: UInt8(ascii: "&")) {
      result += rest[..<start]
      rest = rest[start...]
      guard let end = rest.prefix(12).firstIndex(of: UInt8(ascii: ";")),
        let text = character(rest[start + 1..<end])
      else {
        result.append(rest.removeFirst())
        continue
      }
      result += text.utf8
      rest = rest[(end + 1)...]
    }
    return result + rest
  }

  private static func character(_ bytes: ArraySlice<UInt8>) -> String? {
    let name = String(decoding: bytes, as: UTF8.self)
    guard name.hasPrefix("#") else { return names[name] }
    let digits = name.dropFirst()
    let isHexadecimal = digits.first == "x" || digits.first == "X"
    let number = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    return number.flatMap(Unicode.Scalar.init).map { String(Character($0)) }
  }
}
