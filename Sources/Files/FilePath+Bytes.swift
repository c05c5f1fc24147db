import Glibc
import SystemPackage

extension FilePath {
  /// - Parameter bytes: need not be UTF-8
  package init(bytes: some Sequence<UInt8>) {
    self.init(platformString: bytes.map { CChar(bitPattern: $0) } + [0])
  }

  /// Need not be UTF-8.
  package var bytes: [UInt8] { withCString { Array(UnsafeRawBufferPointer(start: $0, count: length)) } }

  /// The path with something at the end of its last part.
  package func adding(_ text: String) -> FilePath { FilePath(bytes: bytes + Array(text.utf8)) }

  /// The path with all links followed; nil where there is nothing.
  package var resolved: FilePath? {
    guard let pointer = withCString({ realpath($0, nil) }) else { return nil }
    defer { free(pointer) }
    return FilePath(platformString: pointer)
  }

  /// Asks the system to have the file's bytes at hand soon; a hint, which cannot fail.
  package func readAhead() {
    // A pipe's writer would take the opening for that of its reader.
    guard (try? stat())?.type == .regular else { return }
    guard let file = try? FileDescriptor.open(self, .readOnly, options: .closeOnExec) else { return }
    posix_fadvise(file.rawValue, 0, 0, POSIX_FADV_WILLNEED)
    try? file.close()
  }
}

extension FilePath.Component {
  /// Need not be UTF-8.
  package var bytes: [UInt8] {
    withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
  }
}
