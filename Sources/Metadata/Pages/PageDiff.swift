/// What changes in a page, as `diff -u` shows it. Lines change, and none come or go.
package enum PageDiff {
  private static let context = 3

  /// - Parameters:
  ///   - old: a file's bytes
  ///   - new: the same with as many lines
  ///   - name: the file's, without line ends
  package static func unified(_ old: [UInt8], _ new: [UInt8], name: [UInt8]) -> [UInt8] {
    let (before, after) = (lines(old), lines(new))
    precondition(before.count == after.count)
    let changed = before.indices.filter { before[$0] != after[$0] }
    guard !changed.isEmpty else { return [] }
    var result = Array("--- ".utf8) + name + Array("\n+++ ".utf8) + name + [0x0A]
    var rest = changed[...]
    while let first = rest.first {
      // Changes that are nearer than their contexts stand together.
      var count = 1
      while count < rest.count,
        rest[rest.startIndex + count] - rest[rest.startIndex + count - 1] <= 2 * context
      {
        count += 1
      }
      let last = rest[rest.startIndex + count - 1]
      let hunk = max(0, first - context)..<min(before.count, last + context + 1)
      result += "@@ -\(hunk.lowerBound + 1),\(hunk.count) +\(hunk.lowerBound + 1),\(hunk.count) @@\n".utf8
      result += Self.hunk(hunk, before, after)
      rest = rest.dropFirst(count)
    }
    return result
  }

  private static func hunk(_ hunk: Range<Int>, _ before: [ArraySlice<UInt8>], _ after: [ArraySlice<UInt8>])
    -> [UInt8]
  {
    func line(_ mark: Character, _ line: ArraySlice<UInt8>) -> [UInt8] {
      Array(String(mark).utf8) + line
        + (line.last == 0x0A ? [] : Array("\n\\ No newline at end of file\n".utf8))
    }
    var result: [UInt8] = []
    var place = hunk.lowerBound
    while place < hunk.upperBound {
      if before[place] == after[place] {
        result += line(" ", before[place])
        place += 1
        continue
      }
      let end = hunk[place...].first { before[$0] == after[$0] } ?? hunk.upperBound
      result +=
        (place..<end).flatMap { line("-", before[$0]) } + (place..<end).flatMap { line("+", after[$0]) }
      place = end
    }
    return result
  }

  /// Lines with their ends.
  private static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let end = rest.firstIndex(of: 0x0A).map { $0 + 1 } ?? rest.endIndex
      lines.append(rest[..<end])
      rest = rest[end...]
    }
    return lines
  }
}
