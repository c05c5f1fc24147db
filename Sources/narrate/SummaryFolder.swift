import Files
import Foundation
import Media

/// A folder that is there whole or not at all: it is filled beside its place, and takes it at the end.
package final class SummaryFolder {
  /// What a summary's folder holds, and nothing else: what may be replaced.
  private static let contents: Set<String> = [
    "summary.json", "keyframes", "chapters.vtt", "captions.srt", "index.html",
  ]

  private let place: FilePath
  private let part: FilePath
  private var isCommitted = false

  /// Makes room for a folder.
  /// - Parameter replacing: whether an older summary may be replaced.
  /// - Throws: `FileError` when it cannot be made; `Refusal` when something is there that must stay.
  package init(_ place: FilePath, replacing: Bool) throws {
    var bytes = place.bytes
    while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    self.place = FilePath(bytes: bytes)
    try Self.check(self.place, replacing: replacing)
    part = FilePath(bytes: bytes + Array(".part-\(getpid())".utf8))
    try self.place.parent.makeFolder()
    guard part.withCString({ mkdir($0, 0o777) }) == 0 else {
      throw FileError(.write, path: self.place.text, code: errno)
    }
    let pictures = part.appending(Array("keyframes".utf8))
    guard pictures.withCString({ mkdir($0, 0o777) }) == 0 else {
      throw FileError(.write, path: self.place.text, code: errno)
    }
  }

  deinit { if !isCommitted { Self.remove(part) } }

  /// Why a place cannot be taken.
  package struct Refusal: Error, CustomStringConvertible {
    let path: String
    let reason: String
    package var description: String { "\(path): \(reason)" }
  }

  private static func check(_ place: FilePath, replacing: Bool) throws {
    var status = stat()
    guard place.withCString({ lstat($0, &status) }) == 0 else { return }
    guard place.isFolder else { throw Refusal(path: place.text, reason: "there is a file, not a folder") }
    let names = try FileManager.default.contentsOfDirectory(atPath: place.text)
    if names.isEmpty { return }
    guard replacing else { throw Refusal(path: place.text, reason: "exists; --force replaces it") }
    if let other = names.sorted().first(where: { !contents.contains($0) }) {
      throw Refusal(path: place.text, reason: "is no summary's folder, it holds \(other): not replaced")
    }
  }

  /// Writes a file into the folder.
  /// - Throws: `FileError`, with the folder's path.
  package func write(_ bytes: some Sequence<UInt8>, to name: String) throws(FileError) {
    do {
      try WholeFile.write(bytes, to: part.appending(Array(name.utf8)))
    } catch {
      throw FileError(error.operation, path: place.text, code: error.code)
    }
  }

  package func rename(_ name: String, to other: String) throws(FileError) {
    let (from, to) = (part.appending(Array(name.utf8)), part.appending(Array(other.utf8)))
    guard from.withCString({ a in to.withCString { b in Glibc.rename(a, b) } }) == 0 else {
      throw FileError(.replace, path: place.text, code: errno)
    }
  }

  package func delete(_ name: String) { _ = part.appending(Array(name.utf8)).withCString { unlink($0) } }

  /// Makes the folder what was written.
  package func commit() throws(FileError) {
    let old = FilePath(bytes: place.bytes + Array(".old-\(getpid())".utf8))
    let isThere = place.isFolder
    if isThere, place.withCString({ a in old.withCString { b in Glibc.rename(a, b) } }) != 0 {
      throw FileError(.replace, path: place.text, code: errno)
    }
    guard part.withCString({ a in place.withCString { b in Glibc.rename(a, b) } }) == 0 else {
      let code = errno
      if isThere { _ = old.withCString { a in place.withCString { b in Glibc.rename(a, b) } } }
      throw FileError(.replace, path: place.text, code: code)
    }
    isCommitted = true
    if isThere { Self.remove(old) }
  }

  private static func remove(_ folder: FilePath) { try? FileManager.default.removeItem(atPath: folder.text) }
}
