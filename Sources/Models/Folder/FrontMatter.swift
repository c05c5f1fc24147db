import Files
import Foundation
import Yams

/// The YAML between the two lines of three dashes at a Markdown file's start.
///
/// Strangers write cards. So what is read is bounded, there are no anchors and aliases, which grow without bound, and an unquoted
/// scalar is a number only where JSON has the same: no dates, no numbers in base 60.
enum FrontMatter {
  /// Bytes up to the second line of dashes; a real card has one or two thousand.
  static let mostBytes = 65_536
  /// Mappings and sequences in one another.
  static let mostLevels = 32

  /// - Returns: nil if the file has no front matter.
  /// - Throws: if there is no regular file, or what it has is no YAML mapping.
  static func read(contentsOf path: String) throws -> JSON? {
    let (start, isWhole): ([UInt8], Bool)
    do {
      let file = try OpenFile(regular: path)
      let size = try file.size()
      isWhole = size <= mostBytes
      start = try file.start(min(size, mostBytes))
    } catch { throw CardProblem("cannot be read") }
    return try parse(String(decoding: start, as: UTF8.self), isWhole: isWhole)
  }

  /// - Parameter isWhole: whether this is all that the file has
  static func parse(_ markdown: String, isWhole: Bool = true) throws -> JSON? {
    let lines = markdown.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard let first = lines.first, isFence(first) else { return nil }
    guard let end = lines.dropFirst().firstIndex(where: isFence) else {
      throw CardProblem(
        "has front matter " + (isWhole ? "without an end" : "of more than \(mostBytes) bytes"))
    }
    let yaml = lines[1..<end].joined(separator: "\n")
    try check(yaml)
    let node: Node?
    do {
      node = try Yams.compose(yaml: yaml, .basic)
    } catch {
      throw CardProblem("has front matter that is not YAML")
    }
    guard let node else { return nil }
    guard case .mapping = node else { throw CardProblem("has front matter that is not a YAML mapping") }
    return try json(node, level: 1)
  }

  private static func isFence(_ line: Substring) -> Bool {
    line.trimmingCharacters(in: .whitespaces) == "---"
  }

  /// Refuses anchors and aliases before anything is made of them: an & or * that a name follows, where a value may begin. A line
  /// of text that begins like one is refused too.
  private static func check(_ yaml: String) throws {
    // Whether a value may begin here: after the beginning of the line, after a mark, or after a tag, and spaces.
    var (mayBegin, isInTag, brackets) = (true, false, 0)
    for (byte, next) in zip(yaml.utf8, Array(yaml.utf8.dropFirst()) + [0x0a]) {
      if isInTag {
        (isInTag, mayBegin) = (byte > 0x20, true)
        continue
      }
      switch byte {
      case UInt8(ascii: "&") where mayBegin && next > 0x20, UInt8(ascii: "*") where mayBegin && next > 0x20:
        throw Self.alias
      case UInt8(ascii: "!") where mayBegin: isInTag = true
      // After a mark these begin what begins there.
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "-"), UInt8(ascii: "?"): break
      case 0x0a, UInt8(ascii: ":"): mayBegin = true
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        brackets += 1
        mayBegin = true
      case UInt8(ascii: "]"), UInt8(ascii: "}"): (brackets, mayBegin) = (max(0, brackets - 1), false)
      case UInt8(ascii: ","): mayBegin = brackets > 0
      default: mayBegin = false
      }
    }
  }

  private static var alias: CardProblem { CardProblem("has front matter with an anchor or an alias") }

  private static var tooDeep: CardProblem {
    CardProblem("has front matter of more than \(mostLevels) levels")
  }

  private static func json(_ node: Node, level: Int) throws -> JSON {
    guard level <= mostLevels else { throw tooDeep }
    switch node {
    case .scalar(let scalar):
      return scalar.style == .plain ? plain(scalar.string) : .string(scalar.string)
    case .sequence(let values): return .array(try values.map { try json($0, level: level + 1) })
    case .mapping(let pairs):
      return .object(
        try pairs.map { key, value in
          guard case .scalar(let name) = key else {
            throw CardProblem("has front matter with a key that is no text")
          }
          return (name.string, try json(value, level: level + 1))
        })
    case .alias: throw alias
    }
  }

  /// What an unquoted scalar means: what JSON has, else text. Dates and versions stay text.
  private static func plain(_ text: String) -> JSON {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .boolean(true)
    case "false", "False", "FALSE": return .boolean(false)
    default: break
    }
    guard text.utf8.count <= 40,
      text.wholeMatch(of: #/-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/#) != nil
    else { return .string(text) }
    if let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else { return .string(text) }
    return .number(value)
  }
}
