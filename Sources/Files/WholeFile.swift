import Glibc
import SystemPackage

/// A file that is there whole or not at all, even after a power cut: bytes go to a file beside it, which
/// takes its place on `commit()` and is deleted otherwise.
///
/// What is no regular file (a device, a pipe) is written to directly, and so is the file that standard output or standard error
/// goes to, by whatever name (`/dev/stdout`): it is open, and others may be writing to it. Of a link, the target is replaced.
package final class WholeFile {
  private let path: FilePath
  /// Where the bytes go until they are all there; nil when they go to the place itself.
  private var temporary: FilePath?
  private let file: OpenFile

  /// - Parameter name: what errors call the file; the path where nil.
  package init(_ path: FilePath, knownAs name: String? = nil) throws(FileError) {
    if let stream = Self.standardStream(path) {
      file = try OpenFile(duplicating: stream, knownAs: name ?? path.string)
      (self.path, temporary) = (path, nil)
      return
    }
    let target = path.resolved ?? path
    let old = try? target.stat()
    let isRegular = old == nil || old?.type == .regular
    if isRegular { Unfinished.sweep(beside: target) }
    let beside = isRegular ? target.adding(Unfinished.suffix) : nil
    file = try OpenFile(
      beside ?? target, .writeOnly, isRegular ? [.create, .exclusiveCreate] : [],
      knownAs: name ?? path.string)
    if isRegular { Unfinished.lock(file.number) }
    if let old, isRegular { fchmod(file.number, old.permissions.rawValue) }
    (self.path, temporary) = (target, beside)
  }

  package convenience init(_ path: GivenPath) throws(FileError) {
    try self.init(path.location, knownAs: path.text)
  }

  /// Standard output or standard error, if the path leads to what it is.
  private static func standardStream(_ path: FilePath) -> FileDescriptor? {
    guard let target = FileIdentity(path) else { return nil }
    return [.standardOutput, .standardError].first { FileIdentity($0) == target }
  }

  deinit { if let temporary { _ = temporary.withCString { unlink($0) } } }

  /// The descriptor, for libraries that write by themselves.
  package var number: CInt { file.number }

  package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) { try file.append(bytes) }

  package func write(_ bytes: [UInt8]) throws(FileError) {
    try bytes.withUnsafeBufferPointer { buffer throws(FileError) in
      try write(UnsafeRawBufferPointer(buffer))
    }
  }

  /// Writes over bytes that were written, of a file that is none of the standard streams.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
    try file.write(bytes, at: offset)
  }

  /// Makes several files what was written, in this order, once the bytes of all are on the disk.
  package static func commit(_ files: [WholeFile]) throws(FileError) {
    for file in files { try file.synchronize() }
    for file in files { try file.replace() }
  }

  /// Makes the file what was written. Nothing can be written after.
  package func commit() throws(FileError) {
    try synchronize()
    try replace()
  }

  /// Has the bytes on the disk, and the file as it was. A disk behind a network may tell only now that it is full.
  private func synchronize() throws(FileError) { try file.synchronize() }

  private func replace() throws(FileError) {
    guard let temporary else { return }
    try temporary.rename(to: path, knownAs: file.path)
    self.temporary = nil
    // The new name must last too. Some file systems refuse to synchronise a folder: then there is no more to
    // do.
    if let folder = try? OpenFile(path.parent, .readOnly, .directory) { try? folder.synchronize() }
  }

  /// Replaces a file by `bytes`.
  /// - Parameter name: what errors call the file; the path where nil.
  package static func write(
    _ bytes: some Sequence<UInt8>, to path: FilePath, knownAs name: String? = nil
  ) throws(FileError) {
    let file = try WholeFile(path, knownAs: name)
    try file.write(Array(bytes))
    try file.commit()
  }

  /// Replaces a file by `bytes`.
  package static func write(_ bytes: some Sequence<UInt8>, to path: GivenPath) throws(FileError) {
    try write(bytes, to: path.location, knownAs: path.text)
  }

  /// Replaces a file by `bytes`.
  package static func write(_ bytes: some Sequence<UInt8>, to path: String) throws(FileError) {
    try write(bytes, to: GivenPath(path))
  }

  /// Replaces several files, in this order, once the bytes of all are on the disk: a full disk, or a file that cannot be
  /// written, leaves every one as it was.
  package static func write(
    _ files: [(path: String, bytes: some Sequence<UInt8>)]
  ) throws(FileError) {
    var written: [WholeFile] = []
    for (path, bytes) in files {
      let file = try WholeFile(GivenPath(path))
      try file.write(Array(bytes))
      written.append(file)
    }
    try commit(written)
  }
}
