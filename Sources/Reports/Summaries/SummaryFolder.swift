import Files
import Foundation
import Narration
import SystemPackage

/// A folder that is there whole or not at all: it is filled beside its place, and takes it at the end. One that is there
/// already stays, with its owner and mode, and is filled in a folder within it, whose contents go up at the end.
package final class SummaryFolder {
  /// What it holds, what leads to the others last.
  static let contents = ["keyframes", "chapters.vtt", "captions.srt", "summary.json", "index.html"]

  /// What errors call it.
  private let name: String
  /// Links followed.
  private let destination: FilePath
  private let isThere: Bool
  private let part: FilePath
  /// Folders that are made for it, and go again without it.
  private var made: [FilePath] = []
  private var isCommitted = false

  /// Makes room for a folder.
  /// - Parameter replacing: whether an older summary may be replaced.
  /// - Throws: `FileError` when it cannot be made; `Refusal` when something is there that must stay.
  package init(_ path: GivenPath, replacing: Bool) throws {
    var bytes = path.bytes
    while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    let named = GivenPath(bytes: bytes)
    (name, destination) = (named.text, named.location.resolved ?? named.location)
    isThere = named.location.kind != nil
    if isThere { try Self.check(destination, name: named.text, replacing: replacing) }
    // The process and a random number: two runs never share a folder, wherever they run.
    let suffix = ".part-\(getpid())-\(UInt32.random(in: .min ... .max))"
    part = isThere ? destination.appending(suffix) : destination.adding(suffix)
    // From here on all is set, and what is made goes with this object.
    if !isThere { made = try destination.parent.makeFolder() }
    for folder in [part, part.appending("keyframes")] { try make(folder) }
  }

  deinit {
    guard !isCommitted else { return }
    for folder in made.reversed() { folder == part ? folder.remove() : folder.removeEmptyFolder() }
  }

  private func make(_ folder: FilePath) throws(FileError) {
    guard folder.withCString({ mkdir($0, 0o777) }) == 0 else {
      throw FileError(.write, path: name, code: errno)
    }
    if folder == part { made.append(part) }
  }

  /// Writes a file into the folder.
  /// - Throws: `FileError`, with the folder's path.
  package func write(_ bytes: some Sequence<UInt8>, to name: String) throws(FileError) {
    try WholeFile.write(bytes, to: part.appending(name), knownAs: self.name)
  }

  package func rename(_ name: String, to other: String) throws(FileError) {
    try part.appending(name).rename(to: part.appending(other), knownAs: self.name)
  }

  package func delete(_ name: String) { part.appending(name).remove() }

  /// Makes the folder what was written.
  package func commit() throws(FileError) {
    if isThere {
      try exchange()
      part.remove()
    } else {
      try part.rename(to: destination, knownAs: name)
    }
    isCommitted = true
  }

  /// Puts what was written in the place of what is there, or leaves all as it was.
  private func exchange() throws(FileError) {
    let old = part.appending("old")
    try make(old)
    var moves: [(from: FilePath, to: FilePath)] = []
    do {
      for entry in Self.contents {
        let target = destination.appending(entry)
        for (from, to) in [(target, old.appending(entry)), (part.appending(entry), target)]
        where from.kind != nil {
          try from.rename(to: to, knownAs: name)
          moves.append((from, to))
        }
      }
    } catch {
      for (from, to) in moves.reversed() { try? to.rename(to: from, knownAs: name) }
      throw error
    }
  }
}
