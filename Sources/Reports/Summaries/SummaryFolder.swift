import Files
import Foundation
import Narration
import SystemPackage

/// A folder that is there whole or not at all: it is filled beside its place, and takes it at the end in one step. One that cannot be
/// replaced, being a mount point, somebody else's or the working directory, is filled in a folder within it, whose contents go up at
/// the end.
package final class SummaryFolder {
  /// What it holds, what leads to the others last.
  static let contents = ["keyframes", "chapters.vtt", "captions.srt", "summary.json", "index.html"]

  /// What errors call it.
  private let name: String
  /// Links followed.
  private let destination: FilePath
  /// Folders above it that are made for it, and go again without it.
  private let made: [FilePath]
  private let isThere: Bool
  private let isFilledWithin: Bool
  private let part: UnfinishedFolder
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
    let above = isThere ? [] : try destination.parent.makeFolder()
    made = above
    do {
      let beside = isThere ? Self.beside(destination, knownAs: named.text) : nil
      isFilledWithin = isThere && beside == nil
      part = try beside ?? UnfinishedFolder(of: destination, inside: isThere, knownAs: named.text)
      try Self.make(part.path.appending("keyframes"), named.text)
    } catch {
      for folder in above.reversed() { folder.removeEmptyFolder() }
      throw error
    }
  }

  deinit {
    guard !isCommitted else { return }
    part.path.remove()
    for folder in made.reversed() { folder.removeEmptyFolder() }
  }

  /// A folder beside one that is there, like it in its rights; nil where it cannot be made, or that one cannot be replaced.
  private static func beside(_ destination: FilePath, knownAs name: String) -> UnfinishedFolder? {
    guard let inner = try? destination.stat(), let outer = try? destination.parent.stat(),
      inner.deviceID == outer.deviceID, FileIdentity(destination) != FileIdentity("."),
      let folder = try? UnfinishedFolder(of: destination, knownAs: name)
    else { return nil }
    return folder.path.takeRights(of: destination) ? folder : nil
  }

  private static func make(_ folder: FilePath, _ name: String) throws(FileError) {
    guard folder.withCString({ mkdir($0, 0o777) }) == 0 else {
      throw FileError(.write, path: name, code: errno)
    }
  }

  /// Writes a file into the folder.
  /// - Throws: `FileError`, with the folder's path.
  package func write(_ bytes: some Sequence<UInt8>, to name: String) throws(FileError) {
    try WholeFile.write(bytes, to: part.path.appending(name), knownAs: self.name)
  }

  package func rename(_ name: String, to other: String) throws(FileError) {
    try part.path.appending(name).rename(to: part.path.appending(other), knownAs: self.name)
  }

  package func delete(_ name: String) { part.path.appending(name).remove() }

  /// Makes the folder what was written.
  package func commit() throws(FileError) {
    if isFilledWithin {
      let abandoned = Unfinished.abandoned(in: destination)
      try raise()
      part.path.remove()
      for folder in abandoned { destination.appending(folder).remove() }
    } else if isThere {
      let aside = destination.adding(Unfinished.suffix)
      try part.path.exchange(with: destination, aside: aside, knownAs: name).remove()
    } else {
      try part.path.rename(to: destination, knownAs: name)
    }
    part.keep()
    isCommitted = true
    if let folder = try? OpenFile(destination.parent, .readOnly, .directory) { try? folder.synchronize() }
  }

  /// Puts what was written within the folder in the place of what is there, or leaves all as it was.
  private func raise() throws(FileError) {
    // The rest are folders: what is being made, and what killed runs left.
    let exports = try Set(part.path.entries() + destination.entries()).map(\.string).filter { entry in
      !Self.contents.contains(entry) && [part.path, destination].contains { $0.appending(entry).isRegular }
    }
    let old = part.path.appending("old")
    try Self.make(old, name)
    var moves: [(from: FilePath, to: FilePath)] = []
    do {
      for entry in exports + Self.contents {
        let target = destination.appending(entry)
        for (from, to) in [(target, old.appending(entry)), (part.path.appending(entry), target)]
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
