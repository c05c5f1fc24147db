import Foundation

/// A write that failed: a full disk, a folder that is not there.
package enum WriteError: Error, Equatable, CustomStringConvertible {
  case failed(path: String, reason: String)
  /// The reader of standard output went away, as `head` does when it has enough.
  case readerGone

  package var description: String {
    switch self {
    case .failed(let path, let reason): "\(path): \(reason)"
    case .readerGone: "standard output: closed by its reader"
    }
  }

  /// What the system calls an error number.
  package static func reason(_ code: Int32) -> String {
    guard let text = strerror(code) else { return "error \(code)" }
    let reason = String(cString: text)
    return reason.prefix(1).lowercased() + reason.dropFirst()
  }

  static func failed(_ path: InputPath, _ code: Int32) -> WriteError {
    .failed(path: path.text, reason: reason(code))
  }
}

/// Writes all bytes to a descriptor, signals or not.
func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: InputPath) throws(WriteError) {
  var written = 0
  while written < bytes.count {
    let count = bytes.withUnsafeBytes {
      write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
    }
    if count > 0 {
      written += count
    } else if count < 0 && errno != EINTR {
      throw errno == EPIPE ? .readerGone : .failed(path, errno)
    }
  }
}

/// A file that is there whole or not at all: bytes go to a file beside it, which takes its place on
/// `commit()` and is deleted otherwise. What is no regular file (a device, a pipe) is written to directly.
package final class WholeFile {
  private let path: InputPath
  /// Where the bytes go until they are all there; nil when they go to the place itself.
  private var temporary: InputPath?
  private var descriptor: Int32 = -1

  package init(_ path: InputPath) throws(WriteError) {
    // Through links, so that the link stays and its target is replaced.
    let resolved = path.withCString { name in
      realpath(name, nil).map { pointer in
        defer { free(pointer) }
        return InputPath(
          bytes: UnsafeBufferPointer(start: pointer, count: strlen(pointer)).map { UInt8(bitPattern: $0) })
      }
    }
    self.path = resolved ?? path
    var old = stat()
    let isOld = self.path.withCString { stat($0, &old) } == 0
    if isOld && old.st_mode & S_IFMT != S_IFREG {
      descriptor = self.path.withCString { open($0, O_WRONLY | O_CLOEXEC) }
    } else {
      let beside = InputPath(bytes: self.path.bytes + Array(".part\(getpid())".utf8))
      descriptor = beside.withCString { open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666) }
      if descriptor >= 0 {
        temporary = beside
        if isOld { fchmod(descriptor, old.st_mode & 0o777) }
      }
    }
    guard descriptor >= 0 else { throw .failed(path, errno) }
  }

  package func write(_ bytes: [UInt8]) throws(WriteError) {
    try writeAll(bytes, to: descriptor, path: path)
  }

  /// Makes the file what was written. Nothing can be written after.
  package func commit() throws(WriteError) {
    // Closed first: a disk behind a network may tell only then that it is full.
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0 else { throw .failed(path, errno) }
    guard let temporary else { return }
    let renamed = temporary.withCString { from in path.withCString { to in rename(from, to) } }
    guard renamed == 0 else { throw .failed(path, errno) }
    self.temporary = nil
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if let temporary { _ = temporary.withCString { unlink($0) } }
  }
}
