import Foundation

/// A file's path as the system has it: bytes, which need not be UTF-8.
package struct InputPath: Hashable, Sendable {
  package let bytes: [UInt8]

  package init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  /// For people and for JSON: what is not UTF-8 becomes U+FFFD.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The last part, without its extension.
  package var stem: InputPath {
    let name = bytes.split(separator: UInt8(ascii: "/")).last ?? []
    let dot = name.lastIndex(of: UInt8(ascii: ".")) ?? name.startIndex
    return InputPath(bytes: dot > name.startIndex ? name[..<dot] : name)
  }

  package func appending(_ name: [UInt8]) -> InputPath {
    let separator: [UInt8] = bytes.last == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]
    return InputPath(bytes: bytes + separator + name)
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
}

// MARK: Arguments

extension InputPath {
  /// Bytes that are not UTF-8 go through the argument parser as characters of the last private-use plane,
  /// which no file name has.
  private static let escapeBase: UInt32 = 0x10_FF00

  /// The program's arguments without its name, with all that is not UTF-8 escaped.
  static var programArguments: [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map { pointer in
        escaped(UnsafeBufferPointer(start: pointer, count: strlen(pointer)).map { UInt8(bitPattern: $0) })
      }
    }
  }

  package static func escaped(_ bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = String.UnicodeScalarView()
    var rest = bytes[...]
    while let byte = rest.first {
      let scalar = (1...4).lazy.filter { $0 <= rest.count }.compactMap { count in
        String(validating: rest.prefix(count), as: UTF8.self)?.unicodeScalars.first.map { ($0, count) }
      }.first
      if let (known, count) = scalar {
        text.append(known)
        rest = rest.dropFirst(count)
      } else {
        if let stand = Unicode.Scalar(escapeBase + UInt32(byte)) { text.append(stand) }
        rest = rest.dropFirst()
      }
    }
    return String(text)
  }

  /// A path from an argument; the inverse of `escaped`.
  package init(argument: String) {
    self.init(
      bytes: argument.unicodeScalars.flatMap { scalar in
        (Self.escapeBase + 0x80...Self.escapeBase + 0xFF).contains(scalar.value)
          ? [UInt8(scalar.value - Self.escapeBase)] : Array(String(scalar).utf8)
      })
  }
}
