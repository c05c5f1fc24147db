import Glibc
import SystemPackage

/// A file without a name, for what goes back and forth in a file and was given none; gone with this object, and with the
/// process, however it ends. It lies in `$TMPDIR`, or else in `/tmp`.
package final class TemporaryFile: Sendable {
  private let file: FileDescriptor
  private let name: String

  /// An empty one.
  package init() throws(FileError) {
    let folder = getenv("TMPDIR").map { String(cString: $0) }.flatMap { FilePath($0).isFolder ? $0 : nil }
    name = "temporary file in \(folder ?? "/tmp")"
    file = FileDescriptor(rawValue: try Self.open(in: FilePath(folder ?? "/tmp"), name))
  }

  package convenience init(_ bytes: [UInt8]) throws(FileError) {
    try self.init()
    try append(bytes)
  }

  deinit { try? file.close() }

  private static func open(in folder: FilePath, _ name: String) throws(FileError) -> CInt {
    // __O_TMPFILE | O_DIRECTORY, a macro that is too much for the importer.
    let nameless = folder.withCString {
      Glibc.open($0, O_RDWR | O_CLOEXEC | O_EXCL | 0o20_000_000 | O_DIRECTORY, 0o600)
    }
    if nameless >= 0 { return nameless }
    // Some file systems have no files without a name: it is taken away at once.
    var template = folder.appending("narrate-XXXXXX").bytes.map { CChar(bitPattern: $0) } + [0]
    let file = mkstemp(&template)
    guard file >= 0 else { throw FileError(.open, path: name, code: errno) }
    _ = unlink(&template)
    _ = fcntl(file, F_SETFD, FD_CLOEXEC)
    return file
  }

  package func append(_ bytes: [UInt8]) throws(FileError) {
    try writeAll(bytes, to: file, name: name)
  }

  /// The descriptor, which is closed with this object.
  package var number: CInt { file.rawValue }

  /// A path that leads to it as long as this object lives.
  package var path: String { "/proc/self/fd/\(file.rawValue)" }
}
