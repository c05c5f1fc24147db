import Glibc
import SystemPackage

/// A read or write that the system refused: a full disk, a folder that is not there.
package struct FileError: Error, Equatable, CustomStringConvertible {
  package enum Operation: String, Sendable {
    case open, read, write, lock, map, replace
  }

  package let path: String
  package let operation: Operation
  /// The system's error number (`errno`).
  package let code: Int32

  /// Stands for an error number where a regular file is needed, and there is a pipe or a device.
  package static let notRegular: Int32 = -1
  /// Stands for an error number where another process has a file for itself.
  package static let inUse: Int32 = -2

  package init(_ operation: Operation, path: String, code: Int32) {
    self.path = path
    self.operation = operation
    self.code = code
  }

  /// Does something with swift-system, whose errors are numbers.
  static func wrapping<Result>(
    _ operation: Operation, path: String, _ body: () throws -> Result
  ) throws(FileError) -> Result {
    do {
      return try body()
    } catch {
      throw FileError(operation, path: path, code: (error as? Errno ?? .ioError).rawValue)
    }
  }

  /// One line: `out/metrics.svg: cannot write: no space left on device`.
  package var description: String {
    "\(path): cannot \(operation.rawValue): \(Self.reason(code))"
  }

  /// Whether the reader of a pipe went away, as `head` does when it has enough.
  package var isReaderGone: Bool { code == EPIPE }

  /// What the system calls an error number, without its capital.
  package static func reason(_ code: Int32) -> String {
    if code == notRegular { return "not a regular file" }
    if code == inUse { return "another process is writing to it" }
    guard let text = strerror(code) else { return "error \(code)" }
    let reason = String(cString: text)
    return reason.prefix(1).lowercased() + reason.dropFirst()
  }
}
