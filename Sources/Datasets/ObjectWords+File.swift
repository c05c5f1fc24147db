import Language

extension ObjectWords {
  /// Reads a table of things and their words, see `init(_:)`.
  /// - Throws: `DataError` naming the line that is wrong; `FileError` where the file cannot be read.
  package init(contentsOf path: String) throws {
    do {
      try self.init(
        String(decoding: try DataFile.bytes(path, longestLine: DataFile.longestLine), as: UTF8.self))
    } catch let problem as Problem {
      throw DataError(.damaged, path: path, location: "line \(problem.line)", reason: problem.reason)
    }
    guard !things.isEmpty else { throw DataError(.damaged, path: path, reason: "it names no thing") }
  }
}
