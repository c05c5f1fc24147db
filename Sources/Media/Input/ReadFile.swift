import CSandbox
import Glibc

/// The bytes of a still that is decoded from memory. Files far larger than any such are refused before memory is taken.
func readStill(_ file: borrowing RegularFile, options: DecodeOptions) throws(MediaError) -> [UInt8] {
  guard file.size <= options.byteLimit / 2 else {
    throw .tooLarge(
      path: file.path, reason: "a file of \(file.size >> 20) MB; the limit is \(options.byteLimit >> 21)")
  }
  return try file.bytes(atMost: file.size, from: 0)
}

/// The only owner of the descriptor of an open regular file.
struct RegularFile: ~Copyable {
  let descriptor: CInt
  /// As the caller gave it.
  let path: String
  /// In bytes, when it was opened.
  let size: Int

  /// Opens for reading. Does not wait for a writer where the path is a pipe: that is not a regular file.
  init(path: String) throws(MediaError) {
    // A NUL would end the name early, for the system, and open another file.
    let isName = !path.utf8.contains(0)
    let opened = isName ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) : -1
    try self.init(descriptor: opened, path: path, failure: isName ? errno : ENOENT)
  }

  /// A file without a name, in memory.
  init(inMemory bytes: [UInt8], path: String) throws(MediaError) {
    try self.init(descriptor: memoryFile(bytes, path: path), path: path, failure: EBADF)
  }

  /// Takes over the descriptor of an open file.
  init(descriptor: CInt) throws(MediaError) {
    try self.init(descriptor: descriptor, path: "", failure: EBADF)
  }

  /// - Parameter failure: why there is no descriptor, if it is -1
  private init(descriptor: CInt, path: String, failure: CInt) throws(MediaError) {
    (self.path, self.descriptor) = (path, descriptor)
    var code: CInt = 0
    var status = stat()
    if descriptor < 0 {
      code = failure
    } else if fstat(descriptor, &status) != 0 {
      code = errno
    }
    size = Int(status.st_size)

    // All fields are set, so `deinit` closes, also when this throws.
    switch code {
    case 0: break
    case ENOENT, ENOTDIR: throw .missing(path: path)
    case ENXIO: throw .unsupported(path: path, reason: "is not a regular file")
    default: throw .unreadable(path: path, reason: systemMessage(code))
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: throw .unsupported(path: path, reason: "is a folder")
    default: throw .unsupported(path: path, reason: "is not a regular file")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// A path that leads to the file as long as it is open, without its name.
  private var link: String { "/proc/self/fd/\(descriptor)" }

  /// The same; nil in a process that is confined, where no path leads anywhere.
  var usableLink: String? { access(link, R_OK) == 0 ? link : nil }

  /// Another descriptor of the file, at its beginning, which the caller closes.
  func duplicate() throws(MediaError) -> CInt {
    // Opened anew where that can be done, since libraries move the position.
    let opened = open(link, O_RDONLY | O_CLOEXEC)
    let duplicate = opened >= 0 ? opened : fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
    guard duplicate >= 0 else { throw .unreadable(path: path, reason: systemMessage(errno)) }
    lseek(duplicate, 0, SEEK_SET)
    return duplicate
  }

  /// All of it as memory, which the caller gives back (`munmap`).
  func mapped() throws(MediaError) -> UnsafeMutableRawBufferPointer {
    guard let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), memory != MAP_FAILED else {
      throw .tooLarge(path: path, reason: "no memory for \(size) bytes")
    }
    return UnsafeMutableRawBufferPointer(start: memory, count: size)
  }

  /// What it is by its first bytes; nil for none that is known.
  /// - Throws: `MediaError.empty`; `unsupported` for documents, which are not drawn here; `undecodable` for a JPEG or PNG that
  ///   ends within its signature.
  func kind() throws(MediaError) -> MediaKind? {
    let start = try bytes(atMost: MediaKind.signatureLength, from: 0)
    if start.isEmpty { throw .empty(path: path) }
    if MediaKind.jpegSignature.starts(with: start) || MediaKind.pngSignature.starts(with: start) {
      throw .undecodable(path: path, reason: "file ends too early")
    }
    let kind = MediaKind(start)
    if kind == nil, let document = MediaKind.document(start) {
      throw .unsupported(
        path: path, reason: "\(document), which is not supported: only pictures and videos are")
    }
    return kind
  }

  /// - Returns: `count` bytes, or fewer where the file ends.
  func bytes(atMost count: Int, from start: Int) throws(MediaError) -> [UInt8] {
    try requireMemory(count, path: path)
    var failure: CInt = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      guard let base = buffer.baseAddress else { return }
      while filled < count {
        let read = pread(descriptor, base + filled, count - filled, off_t(start + filled))
        if read > 0 {
          filled += read
        } else if read == 0 {
          return
        } else if errno != EINTR {
          failure = errno
          return
        }
      }
    }
    if failure != 0 { throw .unreadable(path: path, reason: systemMessage(failure)) }
    return bytes
  }
}

/// - Returns: a descriptor that the caller closes
private func memoryFile(_ bytes: [UInt8], path: String) throws(MediaError) -> CInt {
  let descriptor = narrate_shared_memory(bytes.count)
  var start = 0
  while start < bytes.count {
    let written = bytes[start...].withUnsafeBytes {
      pwrite(descriptor, $0.baseAddress, $0.count, off_t(start))
    }
    guard written > 0 || errno == EINTR else {
      if descriptor >= 0 { close(descriptor) }
      throw .tooLarge(path: path, reason: "no memory for \(bytes.count) bytes")
    }
    start += max(0, written)
  }
  return descriptor
}

/// Swift ends the process when memory runs out; this asks first.
/// - Throws: `MediaError.tooLarge` where the system would not give `count` bytes.
func requireMemory(_ count: Int, path: String) throws(MediaError) {
  if count < 1 << 20 { return }
  // Not `malloc`: the compiler drops what is freed unused, and takes it for granted.
  let memory = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
  if memory == MAP_FAILED { throw .tooLarge(path: path, reason: "no memory for \(count) bytes") }
  munmap(memory, count)
}

private func systemMessage(_ code: CInt) -> String { String(cString: strerror(code)) }
