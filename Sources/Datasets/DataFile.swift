import Files
import Foundation
import SystemPackage

/// Reads whole files that somebody else made.
package enum DataFile {
  /// - Throws: `DataError.missing` when there is no file, else `FileError` when it cannot be opened.
  package static func open(_ path: String) throws -> OpenFile {
    do {
      return try OpenFile(regular: path)
    } catch {
      guard [ENOENT, ENOTDIR].contains(error.code) else { throw error }
      throw DataError(.missing, path: path, reason: "no such file")
    }
  }

  /// Bytes of a file: ten times as much as COCO's captions have.
  static let mostBytes = 1_073_741_824

  /// The bytes of a file.
  /// - Throws: as `open`; and `FileError` when it cannot be read, as a folder, or is larger than `mostBytes`.
  package static func bytes(_ path: String) throws -> [UInt8] {
    try open(path).bytes(atMost: mostBytes)
  }

  /// Bytes of a line of a table or a log.
  package static let longestLine = 65_536
  /// Bytes of a line with a JSON value: what `narrate caption` says of a clip, attention and all, takes some hundred thousand.
  static let longestValue = 16_777_216

  /// The bytes of a file of lines.
  /// - Throws: as `bytes(_:)`; `DataError` for a longer line.
  package static func bytes(_ path: String, longestLine: Int) throws -> [UInt8] {
    let bytes = try bytes(path)
    var (start, number) = (0, 1)
    try bytes.withUnsafeBytes { bytes in
      while start < bytes.count {
        let end = bytes.first(UInt8(ascii: "\n"), from: start) ?? bytes.count
        guard end - start <= longestLine else {
          throw DataError(
            .damaged, path: path, location: "line \(number)",
            reason: "a line of \(end - start) bytes; the limit is \(longestLine)")
        }
        (start, number) = (end + 1, number + 1)
      }
    }
    return bytes
  }

  /// The first byte that is neither space nor line end, nor of a byte order mark, among the first 4,096; nil where there
  /// is none.
  static func first(_ path: String) throws -> UInt8? {
    let file = try open(path)
    let bytes = try file.start(min(4096, try file.size()))
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

extension UnsafeRawBufferPointer {
  /// The location of the first such byte.
  func first(_ byte: UInt8, from start: Int) -> Int? {
    guard start < count, let base = baseAddress, let found = memchr(base + start, Int32(byte), count - start)
    else { return nil }
    return found - UnsafeMutableRawPointer(mutating: base)
  }
}
