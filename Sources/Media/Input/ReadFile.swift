import Glibc

/// The bytes of a still that is decoded from memory. Files far larger than any such are refused before memory is taken.
func readStill(_ file: borrowing RegularFile, options: DecodeOptions) throws(MediaError) -> [UInt8] {
  guard file.size <= options.byteLimit / 2 else {
    throw .tooLarge(
      path: file.path, reason: "a file of \(file.size >> 20) MB; the limit is \(options.byteLimit >> 21)")
  }
  return try file.bytes(atMost: file.size, from: 0)
}

/// What a regular file is by its first bytes.
func kind(at path: String) throws(MediaError) -> MediaKind? { try RegularFile(path: path).kind() }

/// The only owner of the descriptor of an open regular file.
struct RegularFile: ~Copyable {
  private let descriptor: CInt
  /// As the caller gave it.
  let path: String
  /// In bytes, when it was opened.
  let size: Int

  /// Opens for reading. Does not wait for a writer where the path is a pipe: that is not a regular file.
  init(path: String) throws(MediaError) {
    self.path = path
    var code: CInt = 0
    var status = stat()
    // A NUL would end the name early, for the system, and open another file.
    if path.utf8.contains(0) {
      (descriptor, code) = (-1, ENOENT)
    } else {
      descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
      if descriptor < 0 || fstat(descriptor, &status) != 0 { code = errno }
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
  var link: String { "/proc/self/fd/\(descriptor)" }

  /// Another descriptor of the file, which the caller closes.
  func duplicate() throws(MediaError) -> CInt {
    // Opened anew where that can be done, since libraries move the position.
    let opened = open(link, O_RDONLY | O_CLOEXEC)
    let duplicate = opened >= 0 ? opened : fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
    guard duplicate >= 0 else { throw .unreadable(path: path, reason: systemMessage(errno)) }
    return duplicate
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
