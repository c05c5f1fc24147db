import CStills
import Glibc

/// Decodes the preview in a camera's raw file, by LibRaw: the sensor's own values are not developed.
func decodeCameraRaw(_ file: borrowing RegularFile, options: DecodeOptions) throws(MediaError) -> StoredStill
{
  let path = file.path
  let library = try StillLibraries.raw.loaded(path: path)
  guard let reader = library.libraw_init(0) else {
    throw .tooLarge(path: path, reason: "no memory for the decoder")
  }
  defer { library.libraw_close(reader) }
  var preview = narrate_raw_preview()
  // By a path LibRaw reads what it needs, and a medium that is taken out is an error; mapped memory would end the process.
  let mapped = try file.usableLink == nil ? file.mapped() : nil
  defer { if let mapped { munmap(mapped.baseAddress, mapped.count) } }
  let status = withUnsafePointer(to: library) {
    narrate_raw_read($0, reader, file.usableLink, mapped?.baseAddress, mapped?.count ?? 0, &preview)
  }
  guard status == 0, let bytes = preview.bytes else {
    let reason = library.libraw_strerror(status).map { String(cString: $0) } ?? "unknown error"
    throw .undecodable(
      path: path, reason: "a camera's raw file without a preview that can be read: \(reason)")
  }
  let (wide, high) = (Int(preview.width), Int(preview.height))
  var still: StoredStill
  if preview.is_jpeg {
    still = try decodeJPEG(
      Array(UnsafeBufferPointer(start: bytes, count: preview.count)), path: path, options: options)
  } else {
    try options.check(wide, high, bytesPerPixel: 6, path: path)
    guard wide > 0, high > 0 else { throw .undecodable(path: path, reason: "an empty preview") }
    still = StoredStill(
      Image(
        width: wide, height: high,
        pixels: Array(UnsafeBufferPointer(start: bytes, count: wide * high * 3))))
  }
  // Most previews lie as the sensor does, and only the raw file tells how that was held.
  if still.orientation == .up {
    still.orientation =
      switch preview.flip {
      case 3: .upsideDown
      case 5: .turnedRight
      case 6: .turnedLeft
      default: .up
      }
  }
  if preview.full_width > 0, preview.full_height > 0 {
    (still.width, still.height) = (Int(preview.full_width), Int(preview.full_height))
  }
  return still
}
