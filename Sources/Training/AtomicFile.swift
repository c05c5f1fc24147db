import Glibc

/// A file that is there whole or not at all, even after a power cut: bytes go to a file beside it, which
/// takes its place on `commit()` and is deleted otherwise.
///
/// What is no regular file (a device, a pipe) is written to directly; of a link, the target is replaced.
package struct AtomicFile: ~Copyable {
  private let target: String
  private let temporary: String?
  private let file: FileDescriptor

  package init(_ path: String) throws(FileError) {
    let resolved = Self.resolved(path)
    var old = stat()
    let exists = stat(resolved, &old) == 0
    let isRegular = !exists || old.st_mode & S_IFMT == S_IFREG
    // The process and a random number: two writers never share a temporary file.
    let beside = isRegular ? resolved + ".part-\(getpid())-\(UInt32.random(in: .min ... .max))" : nil
    // Fields are set after all that can throw: a value half made is not ended rightly by Swift 6.3.
    let opened = try FileDescriptor(
      beside ?? resolved, isRegular ? O_WRONLY | O_CREAT | O_EXCL : O_WRONLY, knownAs: resolved)
    if exists && isRegular { fchmod(opened.number, old.st_mode & 0o7777) }
    (target, temporary) = (resolved, beside)
    file = opened
  }

  /// Appends bytes.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) { try file.append(bytes) }

  /// Appends bytes.
  package func write(_ bytes: [UInt8]) throws(FileError) {
    try bytes.withUnsafeBufferPointer { buffer throws(FileError) in
      try file.append(UnsafeRawBufferPointer(buffer))
    }
  }

  /// Makes the file what was written.
  package consuming func commit() throws(FileError) {
    try file.synchronize()
    guard let temporary else { return }
    guard rename(temporary, target) == 0 else { throw FileError(.replace, path: target, code: errno) }
    // The new name must last too. Some file systems refuse to synchronise a folder: then there is no more to
    // do.
    if let folder = try? FileDescriptor(Self.folder(of: target), O_RDONLY | O_DIRECTORY) {
      try? folder.synchronize()
    }
  }

  /// After `commit()` the temporary name is gone and there is nothing to delete.
  deinit { if let temporary { unlink(temporary) } }

  /// Replaces a file by `bytes`.
  package static func write(_ bytes: some Sequence<UInt8>, to path: String) throws(FileError) {
    let file = try AtomicFile(path)
    try file.write(Array(bytes))
    try file.commit()
  }

  private static func resolved(_ path: String) -> String {
    guard let pointer = realpath(path, nil) else { return path }
    defer { free(pointer) }
    return String(cString: pointer)
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
