import Glibc
import SystemPackage

/// Which file a path leads to. All names of one file share it: links, hard links, `/dev/stdin`, `/proc/self/fd/0`.
package struct FileIdentity: Hashable, Sendable {
  private let device: UInt64
  private let number: UInt64
  /// Whether it is a regular file, which a writer replaces.
  package let isRegular: Bool

  /// Links followed; nil where there is nothing.
  package init?(_ path: FilePath) { self.init(try? path.stat()) }

  /// Of an open file; nil where the descriptor is closed.
  package init?(_ descriptor: FileDescriptor) { self.init(try? descriptor.stat()) }

  /// Nil for a character device too, as a terminal or `/dev/null`: it holds nothing that could be lost, and may well be read and
  /// written at once.
  private init?(_ status: Stat?) {
    guard let status, status.type != .characterSpecial else { return nil }
    device = UInt64(status.deviceID.rawValue)
    number = UInt64(status.inode.rawValue)
    isRegular = status.type == .regular
  }
}
