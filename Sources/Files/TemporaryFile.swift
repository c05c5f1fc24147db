import Glibc
import SystemPackage

/// A file without a name, for what goes back and forth in a file and was given none; gone with this object.
package final class TemporaryFile {
  private let file: UnsafeMutablePointer<FILE>

  /// An empty one.
  package init() throws(FileError) {
    guard let file = tmpfile() else { throw FileError(.open, path: "temporary file", code: errno) }
    self.file = file
  }

  package convenience init(_ bytes: [UInt8]) throws(FileError) {
    try self.init()
    try append(bytes)
  }

  deinit { fclose(file) }

  package func append(_ bytes: [UInt8]) throws(FileError) {
    try writeAll(bytes, to: FileDescriptor(rawValue: fileno(file)), name: "temporary file")
  }

  /// A path that leads to it as long as this object lives.
  package var path: String { "/proc/self/fd/\(fileno(file))" }
}
