import Files
import Foundation
import SystemPackage

/// Reads whole files that somebody else made.
package enum DataFile {
  /// - Throws: `DataError.missing` when there is no file, else `FileError` when it cannot be opened.
  package static func open(_ path: String) throws -> OpenFile {
    do {
      return try OpenFile(path, .readOnly)
    } catch {
      guard [ENOENT, ENOTDIR].contains(error.code) else { throw error }
      throw DataError(.missing, path: path, reason: "no such file")
    }
  }

  /// The bytes of a file.
  /// - Throws: as `open`; and `FileError` when it cannot be read, as a folder.
  package static func bytes(_ path: String) throws -> [UInt8] {
    let file = try open(path)
    var bytes = [UInt8](repeating: 0, count: try file.size())
    try bytes.withUnsafeMutableBytes { try file.read($0, at: 0) }
    return bytes
  }

  /// The first byte that is neither space nor line end, nor of a byte order mark, among the first 4,096; nil where there
  /// is none.
  static func first(_ path: String) throws -> UInt8? {
    let file = try open(path)
    var bytes = [UInt8](repeating: 0, count: min(4096, try file.size()))
    try bytes.withUnsafeMutableBytes { try file.read($0, at: 0) }
    let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
    return text.first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
  }

  /// Whether there is a regular file, links followed.
  package static func exists(_ path: String) -> Bool {
    (try? GivenPath(path).location.stat())?.type == .regular
  }

  /// The file of a clip that a table names: by its path from the table's folder, or from its `clips/`.
  static func clip(_ name: String, in folder: URL) -> String? {
    [name, "clips/" + name].map { folder.appendingPathComponent($0).path }.first(where: exists)
  }

  /// Bytes in a file; 0 when there is none.
  package static func length(_ path: String) -> Int {
    (try? GivenPath(path).location.stat()).map { Int($0.size) } ?? 0
  }
}
