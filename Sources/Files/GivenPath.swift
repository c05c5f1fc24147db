import SystemPackage

/// A path as somebody gave it, byte for byte, which is how results and errors tell it: a `FilePath` has no doubled slashes, and
/// none at its end.
package struct GivenPath: Hashable, Sendable {
  /// Need not be UTF-8.
  package let bytes: [UInt8]

  package init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  package init(_ text: String) { self.init(bytes: text.utf8) }

  /// For people and for JSON: what is not UTF-8 becomes U+FFFD.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Whether it is `-`, which stands for standard input or output.
  package var isStandardStream: Bool { bytes == Array("-".utf8) }

  /// Where it leads. After a slash at the end there must be a folder, as in `photo.jpg/.`.
  package var location: FilePath {
    FilePath(bytes: bytes.last == UInt8(ascii: "/") ? bytes + [UInt8(ascii: ".")] : bytes)
  }

  /// The path of what is in this folder.
  package func appending(_ name: [UInt8]) -> GivenPath {
    let separator: [UInt8] = bytes.last == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]
    return GivenPath(bytes: bytes + separator + name)
  }

  /// Calls `body` with a path in UTF-8 to the same file. A name in another encoding is reached by way of a
  /// descriptor, since a Swift string cannot hold it.
  package func withReadableText<Result>(_ body: (String) throws -> Result) rethrows -> Result {
    if let text = String(validating: bytes, as: UTF8.self) { return try body(text) }
    let options: FileDescriptor.OpenOptions = [.closeOnExec, .nonBlocking]
    guard let file = try? FileDescriptor.open(location, .readOnly, options: options) else {
      return try body(text)
    }
    defer { try? file.close() }
    return try body("/proc/self/fd/\(file.rawValue)")
  }
}
