import Files
import Foundation
import Yams

/// The YAML between the two lines of three dashes at a Markdown file's start.
enum FrontMatter {
  /// Much more than a card needs; a bound for what aliases of aliases could grow to.
  private static let mostValues = 10_000

  /// - Returns: nil if the file has no front matter.
  /// - Throws: if there is no file, or what it has is no YAML mapping.
  static func read(contentsOf path: String) throws -> JSON? {
    guard let data = FileManager.default.contents(atPath: path) else { throw CardProblem("cannot be read") }
    return try parse(String(decoding: data, as: UTF8.self))
  }

  static func parse(_ markdown: String) throws -> JSON? {
    let lines = markdown.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard let first = lines.first, isFence(first) else { return nil }
    guard let end = lines.dropFirst().firstIndex(where: isFence) else {
      throw CardProblem("has front matter without an end")
    }
    let yaml = lines[1..<end].joined(separator: "\n")
    let node: Node?
    do {
      node = try Yams.compose(yaml: yaml)
    } catch {
      throw CardProblem("has front matter that is not YAML")
    }
    guard let node else { return nil }
    guard case .mapping = node else { throw CardProblem("has front matter that is not a YAML mapping") }
    var left = mostValues
    return try json(node, left: &left)
  }

  private static func isFence(_ line: Substring) -> Bool {
    line.trimmingCharacters(in: .whitespaces) == "---"
  }

  private static func json(_ node: Node, left: inout Int) throws -> JSON {
    left -= 1
    guard left > 0 else { throw CardProblem("has front matter with too many values") }
    switch node {
    case .scalar(let scalar):
      return scalar.style == .plain ? plain(node, scalar.string) : .string(scalar.string)
    case .sequence(let values): return .array(try values.map { try json($0, left: &left) })
    case .mapping(let pairs):
      var fields: [(key: String, value: JSON)] = []
      for (key, value) in pairs { fields.append((key.string ?? "", try json(value, left: &left))) }
      return .object(fields)
    case .alias: throw CardProblem("has front matter with an unknown alias")
    }
  }

  /// What an unquoted scalar means. Dates and versions stay text.
  private static func plain(_ node: Node, _ text: String) -> JSON {
    if node.null != nil { return .null }
    if let value = node.bool { return .boolean(value) }
    if let value = node.int { return .integer(value) }
    if let value = node.float { return value.isFinite ? .number(value) : .string(text) }
    return .string(text)
  }
}
