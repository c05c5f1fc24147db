import Glibc
import SystemPackage

/// An open file: the only owner of its descriptor.
package struct OpenFile: ~Copyable {
  /// What errors call the file.
  package let path: String
  private let descriptor: FileDescriptor

  /// - Parameter name: what errors call the file; the path where nil.
  package init(
    _ path: FilePath, _ mode: FileDescriptor.AccessMode, _ options: FileDescriptor.OpenOptions = [],
    knownAs name: String? = nil
  ) throws(FileError) {
    let name = name ?? path.string
    let descriptor = try FileError.wrapping(.open, path: name) {
      try FileDescriptor.open(
        path, mode, options: options.union(.closeOnExec), permissions: FilePermissions(rawValue: 0o666))
    }
    (self.path, self.descriptor) = (name, descriptor)
  }

  package init(
    _ path: String, _ mode: FileDescriptor.AccessMode, _ options: FileDescriptor.OpenOptions = []
  ) throws(FileError) {
    self = try OpenFile(GivenPath(path).location, mode, options, knownAs: path)
  }

  /// Opens a file to read it that must be a regular one: a pipe would keep whoever opens it waiting for its writer.
  /// - Throws: also for a folder, a pipe or a device.
  package init(regular path: FilePath, knownAs name: String? = nil) throws(FileError) {
    self = try Self.regular(path, name)
  }

  package init(regular path: String) throws(FileError) {
    self = try OpenFile(regular: GivenPath(path).location, knownAs: path)
  }

  private static func regular(_ path: FilePath, _ name: String?) throws(FileError) -> OpenFile {
    let file = try OpenFile(path, .readOnly, .nonBlocking, knownAs: name)
    let type = try FileError.wrapping(.read, path: file.path) { [file = file.descriptor] in
      try file.stat().type
    }
    guard type != .directory else { throw FileError(.read, path: file.path, code: EISDIR) }
    guard type == .regular else { throw FileError(.read, path: file.path, code: FileError.notRegular) }
    return file
  }

  /// Another descriptor of a file that is open already: both go on from where either was.
  init(duplicating other: FileDescriptor, knownAs name: String) throws(FileError) {
    let number = fcntl(other.rawValue, F_DUPFD_CLOEXEC, 0)
    guard number >= 0 else { throw FileError(.open, path: name, code: errno) }
    (path, descriptor) = (name, FileDescriptor(rawValue: number))
  }

  deinit { try? descriptor.close() }

  /// The descriptor, for what swift-system has not.
  package var number: Int32 { descriptor.rawValue }

  /// In bytes.
  package func size() throws(FileError) -> Int {
    try FileError.wrapping(.read, path: path) { Int(try descriptor.stat().size) }
  }

  /// Writes everything at `offset`.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
    try FileError.wrapping(.write, path: path) {
      _ = try descriptor.writeAll(toAbsoluteOffset: Int64(offset), bytes)
    }
  }

  /// Writes everything where the last write ended.
  package func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    try FileError.wrapping(.write, path: path) { _ = try descriptor.writeAll(bytes) }
  }

  /// Fills `bytes` from `offset`.
  /// - Throws: with `EIO` when the file ends before.
  package func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
      let count = try FileError.wrapping(.read, path: path) {
        try descriptor.read(fromAbsoluteOffset: Int64(offset + done), into: rest)
      }
      guard count > 0 else { throw FileError(.read, path: path, code: EIO) }
      done += count
    }
  }

  /// The first bytes.
  /// - Throws: with `EIO` when there are fewer.
  package func start(_ count: Int) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBufferPointer { buffer throws(FileError) in
      try read(UnsafeMutableRawBufferPointer(buffer), at: 0)
    }
    return bytes
  }

  /// All bytes.
  /// - Throws: with `EFBIG` when there are more than `limit`: a file without a byte on the disk may be said to have terabytes.
  package func bytes(atMost limit: Int) throws(FileError) -> [UInt8] {
    let count = try size()
    guard count <= limit else { throw FileError(.read, path: path, code: EFBIG) }
    return try start(count)
  }

  /// Waits until the file's contents are on the disk.
  package func synchronize() throws(FileError) {
    // A pipe or a device has nothing to wait for, and says so with EINVAL.
    guard fsync(number) == 0 || errno == EINVAL else { throw FileError(.write, path: path, code: errno) }
  }
}
