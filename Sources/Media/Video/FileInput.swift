import CFFmpeg
import Glibc

/// A regular file as FFmpeg reads it: by its descriptor. No name reaches FFmpeg, which would take some for patterns of several
/// files, or for addresses. The only owner of the descriptor and of FFmpeg's buffer.
final class FileInput {
  let handle: UnsafeMutablePointer<AVIOContext>
  private let descriptor: CInt

  /// - Throws: `MediaError.unreadable` where the file cannot be opened.
  init(_ file: borrowing RegularFile) throws(MediaError) {
    let descriptor = try file.duplicate()
    // As large as FFmpeg's own.
    let size = 32_768
    let buffer = ffmpeg.av_malloc(size)
    guard let buffer,
      let handle = ffmpeg.avio_alloc_context(
        buffer.assumingMemoryBound(to: UInt8.self), Int32(size), 0,
        UnsafeMutableRawPointer(bitPattern: Int(descriptor)), Self.read, nil, Self.seek)
    else {
      ffmpeg.av_free(buffer)
      close(descriptor)
      throw .tooLarge(path: file.path, reason: "no memory")
    }
    (self.handle, self.descriptor) = (handle, descriptor)
  }

  deinit {
    // FFmpeg may have taken another than ours.
    ffmpeg.av_free(handle.pointee.buffer)
    var context: UnsafeMutablePointer<AVIOContext>? = handle
    ffmpeg.avio_context_free(&context)
    close(descriptor)
  }

  /// Bytes of the file.
  var size: Int64 { Self.size(descriptor) }

  private static let read:
    @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<UInt8>?, CInt) -> CInt =
      { opaque, bytes, count in
        while true {
          let read = Glibc.read(CInt(truncatingIfNeeded: Int(bitPattern: opaque)), bytes, Int(count))
          if read > 0 { return CInt(truncatingIfNeeded: read) }
          if read == 0 { return narrate_av_end() }
          if errno != EINTR { return -errno }
        }
      }

  private static let seek: @convention(c) (UnsafeMutableRawPointer?, Int64, CInt) -> Int64 = {
    opaque, offset, whence in
    let descriptor = CInt(truncatingIfNeeded: Int(bitPattern: opaque))
    if whence & AVSEEK_SIZE != 0 { return size(descriptor) }
    let position = lseek(descriptor, off_t(offset), whence & ~AVSEEK_FORCE)
    return position < 0 ? Int64(-errno) : Int64(position)
  }

  private static func size(_ descriptor: CInt) -> Int64 {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : Int64(-errno)
  }
}
