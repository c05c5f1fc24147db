import Files
import Foundation
import Reports

/// What a file of results says of the contents that were described, or tried in vain.
package struct DoneContents {
  package private(set) var done: Set<ContentKey> = []
  package private(set) var failed: Set<ContentKey> = []
  /// Whether there are failures of files that could not be read, which are tried again.
  package private(set) var hasUnread = false

  package init() {}

  /// What a line begins with.
  package static let start = Array(#"{"path":"#.utf8)
  private static let status = Array(#","status":""#.utf8)
  private static let content = Array(#","content":""#.utf8)

  /// A line's result.
  package enum Line: Equatable {
    case done(ContentKey)
    case failed(ContentKey?)
  }

  /// - Returns: nil for what is no result with its content
  package static func read(_ line: ArraySlice<UInt8>) -> Line? {
    if let result = glance(line) { return result }
    // Another program wrote it: fields may have another order and spaces between them.
    guard let object = try? JSONDecoder().decode(JSON.self, from: Data(line)) else { return nil }
    let key = object["content"]?.string.flatMap { ContentKey($0) }
    switch object["status"]?.string {
    case "ok": return key.map { .done($0) }
    case "error": return .failed(key)
    default: return nil
    }
  }

  /// What this program wrote is read without looking at all of it: a quote within a text has a backslash before it, so that the
  /// marks stand nowhere else.
  private static func glance(_ line: ArraySlice<UInt8>) -> Line? {
    let quote = UInt8(ascii: "\"")
    let head = line.dropLast(2)
    guard line.suffix(2).elementsEqual([quote, UInt8(ascii: "}")]), line.starts(with: start),
      let opening = head.lastIndex(of: quote), line[...opening].suffix(content.count).elementsEqual(content),
      let key = ContentKey(text: head[(opening + 1)...]),
      let place = line.indices.first(where: { line[$0] == status[0] && line[$0...].starts(with: status) })
    else { return nil }
    let value = line[(place + status.count)...]
    if value.starts(with: Array(#"ok""#.utf8)) { return .done(key) }
    return value.starts(with: Array(#"error""#.utf8)) ? .failed(key) : nil
  }

  /// Takes note of a line.
  /// - Throws: `LineError` for one that is no result
  package mutating func add(_ line: ArraySlice<UInt8>, number: Int, of path: GivenPath) throws {
    switch Self.read(line) {
    case .done(let key): done.insert(key)
    case .failed(let key?): failed.insert(key)
    case .failed(nil): hasUnread = true
    case nil:
      throw LineError(
        path: path.text, number: number, reason: "is no result with its content, as --resume writes them")
    }
  }

  /// Notes that a file with this content is dealt with.
  /// - Returns: whether none was before
  package mutating func claim(_ key: ContentKey) -> Bool { done.insert(key).inserted }

  /// The failures are to be tried again.
  package mutating func forgetFailures() {
    failed = []
    hasUnread = false
  }

  /// What is in a file of results; nothing where there is none.
  package init(reading path: GivenPath) throws {
    try LineFile.forEachLine(of: path) { try add($0, number: $1, of: path) }
  }

  /// Reads and mends the file of results that a run goes on with. Failures that are tried again are taken out.
  package init(_ file: LineFile, _ path: GivenPath, retriesFailed: Bool) throws {
    let tail = try file.forEachLine { try add($0, number: $1, of: path) }
    try file.recover(tail, startingWith: Self.start)
    if !tail.isEmpty {
      // It may have been a whole one without its end.
      self = DoneContents()
      _ = try file.forEachLine { try add($0, number: $1, of: path) }
    }
    guard hasUnread || (retriesFailed && !failed.isEmpty) else { return }
    try file.keep { line in
      switch Self.read(line) {
      case .failed(let key?): !retriesFailed || done.contains(key)
      case .failed(nil): false
      default: true
      }
    }
    hasUnread = false
    if retriesFailed { failed = [] }
  }
}
