import Glibc

/// A read or write that the system refused: a full disk, a folder that is not there.
package struct FileError: Error, Equatable, CustomStringConvertible {
  package enum Operation: String, Sendable {
    case open, read, write, lock, map, replace
  }

  package let path: String
  package let operation: Operation
  /// The system's error number (`errno`).
  package let code: Int32

  package init(_ operation: Operation, path: String, code: Int32) {
    self.path = path
    self.operation = operation
    self.code = code
  }

  /// One line: `out/metrics.svg: cannot write: No space left on device`.
  package var description: String {
    let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    return "\(path): cannot \(operation.rawValue): \(reason)"
  }
}
