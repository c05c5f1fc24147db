import Glibc

/// An open file: the only owner of its descriptor.
struct FileDescriptor: ~Copyable {
  /// What errors call the file.
  let path: String
  let number: Int32

  /// - Parameter name: what errors call the file, when that is not its path.
  init(_ path: String, _ flags: Int32, mode: mode_t = 0o666, knownAs name: String? = nil) throws(FileError) {
    let number = open(path, flags | O_CLOEXEC, mode)
    guard number >= 0 else { throw FileError(.open, path: name ?? path, code: errno) }
    self.path = name ?? path
    self.number = number
  }

  deinit { close(number) }

  /// What the system says of the file.
  func status() throws(FileError) -> stat {
    var status = stat()
    guard fstat(number, &status) == 0 else { throw FileError(.read, path: path, code: errno) }
    return status
  }

  /// Writes everything where the file stands.
  func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    guard let base = bytes.baseAddress else { return }
    try transfer(bytes.count, .write) { done in Glibc.write(number, base + done, bytes.count - done) }
  }

  /// Writes everything at `offset`.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
    guard let base = bytes.baseAddress else { return }
    try transfer(bytes.count, .write) { done in
      pwrite(number, base + done, bytes.count - done, off_t(offset + done))
    }
  }

  /// Fills `bytes` from `offset`.
  /// - Throws: with `EIO` when the file ends before.
  func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
    guard let base = bytes.baseAddress else { return }
    try transfer(bytes.count, .read) { done in
      pread(number, base + done, bytes.count - done, off_t(offset + done))
    }
  }

  /// Waits until the file's contents are on the disk.
  func synchronize() throws(FileError) {
    // A pipe or a device has nothing to wait for, and says so with EINVAL.
    guard fsync(number) == 0 || errno == EINVAL else { throw FileError(.write, path: path, code: errno) }
  }

  private func transfer(_ count: Int, _ operation: FileError.Operation, _ body: (Int) -> Int)
    throws(FileError)
  {
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
