import Glibc

/// An open file: the only owner of its descriptor.
package struct FileDescriptor: ~Copyable {
  /// What errors call the file.
  package let path: String
  package let number: Int32

  /// - Parameter name: what errors call the file; the path where nil.
  package init(_ path: FilePath, _ flags: Int32, mode: mode_t = 0o666, knownAs name: String? = nil)
    throws(FileError)
  {
    let number = path.withCString { open($0, flags | O_CLOEXEC, mode) }
    guard number >= 0 else { throw FileError(.open, path: name ?? path.text, code: errno) }
    self.path = name ?? path.text
    self.number = number
  }

  package init(_ path: String, _ flags: Int32, mode: mode_t = 0o666) throws(FileError) {
    self = try FileDescriptor(FilePath(path), flags, mode: mode)
  }

  deinit { close(number) }

  /// What the system says of the file.
  package func status() throws(FileError) -> stat {
    var status = stat()
    guard fstat(number, &status) == 0 else { throw FileError(.read, path: path, code: errno) }
    return status
  }

  /// Writes everything at `offset`.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
    guard let base = bytes.baseAddress else { return }
    try Self.transfer(bytes.count, .write, path) { done in
      pwrite(number, base + done, bytes.count - done, off_t(offset + done))
    }
  }

  /// Writes everything where the last write ended.
  package func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    guard let base = bytes.baseAddress else { return }
    try Self.transfer(bytes.count, .write, path) { Glibc.write(number, base + $0, bytes.count - $0) }
  }

  /// Fills `bytes` from `offset`.
  /// - Throws: with `EIO` when the file ends before.
  package func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
    guard let base = bytes.baseAddress else { return }
    try Self.transfer(bytes.count, .read, path) { done in
      pread(number, base + done, bytes.count - done, off_t(offset + done))
    }
  }

  /// Waits until the file's contents are on the disk.
  package func synchronize() throws(FileError) {
    // A pipe or a device has nothing to wait for, and says so with EINVAL.
    guard fsync(number) == 0 || errno == EINVAL else { throw FileError(.write, path: path, code: errno) }
  }

  /// Calls `body` with the bytes done so far until all are; it returns how many it moved, as `write` does.
  static func transfer(
    _ count: Int, _ operation: FileError.Operation, _ path: String, _ body: (Int) -> Int
  ) throws(FileError) {
    var done = 0
    while done < count {
      let moved = body(done)
      if moved > 0 {
        done += moved
      } else if moved == 0 {
        throw FileError(operation, path: path, code: EIO)
      } else if errno != EINTR {
        throw FileError(operation, path: path, code: errno)
      }
    }
  }
}
