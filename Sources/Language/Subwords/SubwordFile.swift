import Foundation

/// The text that units are stored as: a first line `units 1`, a line for each character of the alphabet, and a line with the two
/// parts of each merge, a space between them. The space itself is written as ▁.
extension SubwordUnits {
  static let space: Unicode.Scalar = "\u{2581}"
  private static let heading = "units 1"

  package var encoded: Data {
    let parts = merges.map { "\(Self.written(text(of: $0.left))) \(Self.written(text(of: $0.right)))" }
    let letters = alphabet.map { Self.written(String($0)) }
    return Data(([Self.heading] + letters + parts).joined(separator: "\n").utf8) + [UInt8(ascii: "\n")]
  }

  /// By scalars: a space may have a mark upon it.
  private static func written(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == " " ? space : $0 }))
  }

  /// Reads what `encoded` gives.
  /// - Parameters:
  ///   - path: for messages
  ///   - expectedCount: units, markers and bytes included
  package init(
    decoding bytes: some Sequence<UInt8>, path: String, expectedCount: Int
  ) throws(LanguageError) {
    func problem(_ reason: String) -> LanguageError { LanguageError(path: path, reason: reason) }
    guard let text = String(validating: Array(bytes), as: UTF8.self) else { throw problem("not valid UTF-8") }
    var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    guard let first = lines.first, String(first) == Self.heading else {
      throw problem("the first line must be “\(Self.heading)”")
    }
    var (alphabet, merges) = ([Unicode.Scalar](), [Merge]())
    var known: [[Unicode.Scalar]: Int32] = [:]
    var pairs: Set<Merge> = []
    var next = Self.firstLetter
    for (number, line) in lines.enumerated().dropFirst() {
      func wrong(_ what: String) -> LanguageError { problem("line \(number + 1) \(what)") }
      let parts = line.split(separator: " ", omittingEmptySubsequences: false).map(Array.init)
      if parts.count == 1, parts[0].count == 1, merges.isEmpty {
        let letter = parts[0][0] == Self.space ? " " : parts[0][0]
        guard Self.mayBeLetter(letter) else { throw wrong("is no character") }
        guard known.updateValue(next, forKey: parts[0]) == nil else { throw wrong("repeats a character") }
        alphabet.append(letter)
        next += 1
      } else {
        guard parts.count == 2 else { throw wrong("is no merge") }
        guard let left = known[parts[0]], let right = known[parts[1]] else {
          throw wrong("merges what no line before it makes")
        }
        let merge = Merge(left: left, right: right)
        guard pairs.insert(merge).inserted else { throw wrong("repeats a merge") }
        if known.updateValue(known[parts[0] + parts[1]] ?? next, forKey: parts[0] + parts[1]) == nil {
          next += 1
        }
        merges.append(merge)
      }
    }
    self.init(alphabet: alphabet, merges: merges)
    guard count == expectedCount else {
      throw problem("\(count) units, the configuration says \(expectedCount)")
    }
  }
}
