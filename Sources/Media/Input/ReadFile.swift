import Glibc

/// The bytes of a file that begins like a JPEG or a PNG. Files far larger than `options.pixelLimit` could need are refused
/// before memory is taken.
func readStill(at path: String, options: DecodeOptions) throws(MediaError) -> [UInt8] {
  let file = try RegularFile(path: path)
  // Uncompressed, a pixel is at most 8 bytes (RGBA of 16 bits); the rest is for metadata.
  let (largest, overflow) = options.pixelLimit.multipliedReportingOverflow(by: 8)
  if !overflow && file.size - 64 << 20 > largest {
    throw .tooLarge(path: path, reason: "a file of \(file.size) bytes")
  }
  return try file.bytes(atMost: file.size, from: 0)
}

/// What a regular file is by its first bytes.
func kind(at path: String) throws(MediaError) -> MediaKind? {
  let file = try RegularFile(path: path)
  let start = try file.bytes(atMost: MediaKind.signatureLength, from: 0)
  if start.isEmpty { throw .empty(path: path) }
  if MediaKind.jpegSignature.starts(with: start) || MediaKind.pngSignature.starts(with: start) {
    throw .undecodable(path: path, reason: "file ends too early")
  }
  return MediaKind(start)
}

/// The only owner of the descriptor of an open regular file.
struct RegularFile: ~Copyable {
  private let descriptor: CInt
  private let path: String
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
