import Glibc

/// A file's path as the system has it: bytes, which need not be UTF-8.
package struct FilePath: Hashable, Sendable {
  package let bytes: [UInt8]

  package init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  package init(_ text: String) { self.init(bytes: text.utf8) }

  /// For people and for JSON: what is not UTF-8 becomes U+FFFD.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The last part, without its extension.
  package var stem: FilePath {
    let name = bytes.split(separator: UInt8(ascii: "/")).last ?? []
    let dot = name.lastIndex(of: UInt8(ascii: ".")) ?? name.startIndex
    return FilePath(bytes: dot > name.startIndex ? name[..<dot] : name)
  }

  package func appending(_ name: [UInt8]) -> FilePath {
    let separator: [UInt8] = bytes.last == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]
    return FilePath(bytes: bytes + separator + name)
  }

  /// Calls `body` with the path as the C library wants it.
  package func withCString<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
    try (bytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { preconditionFailure("a terminated string is never empty") }
      return try body(start)
    }
  }

  /// Calls `body` with a path in UTF-8 to the same file. A name in another encoding is reached by way of a
  /// descriptor, since a Swift string cannot hold it.
  package func withReadableText<Result>(_ body: (String) throws -> Result) rethrows -> Result {
    if let text = String(validating: bytes, as: UTF8.self) { return try body(text) }
    let descriptor = withCString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard descriptor >= 0 else { return try body(text) }
    defer { close(descriptor) }
    return try body("/proc/self/fd/\(descriptor)")
  }

  /// The path with all links followed; nil where there is nothing.
  package var resolved: FilePath? {
    withCString { name in
      guard let pointer = realpath(name, nil) else { return nil }
      defer { free(pointer) }
      return FilePath(
        bytes: UnsafeBufferPointer(start: pointer, count: strlen(pointer)).map { UInt8(bitPattern: $0) })
    }
  }

  /// Asks the system to have the file's bytes at hand soon; a hint, which cannot fail.
  package func readAhead() {
    // A pipe's writer would take the opening for that of its reader.
    var status = stat()
    guard withCString({ stat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
    let file = withCString { open($0, O_RDONLY | O_CLOEXEC) }
    guard file >= 0 else { return }
    posix_fadvise(file, 0, 0, POSIX_FADV_WILLNEED)
    close(file)
  }
}
