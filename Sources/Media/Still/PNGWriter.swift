import CPNG

extension Image {
  /// The image as the bytes of a PNG file: 8-bit RGB, marked as sRGB.
  /// - Throws: `MediaError.tooLarge` for a side of more than a million pixels, which libpng does not write, or
  ///   without memory.
  public func pngData() throws(MediaError) -> [UInt8] {
    // What zlib may add to rows that do not shrink (as PNG_ZLIB_MAX_SIZE), and the chunks around them.
    let raw = pixels.count + height
    let bound = raw + raw / 8 + raw / 64 + 1024
    try requireMemory(bound, path: "PNG")
    var failure: String?
    let bytes = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      var control = png_image()
      control.version = png_uint_32(PNG_IMAGE_VERSION)
      control.width = png_uint_32(width)
      control.height = png_uint_32(height)
      control.format = png_uint_32(PNG_FORMAT_RGB)
      var size = png_alloc_size_t(bound)
      let written = pixels.withUnsafeBytes {
        png_image_write_to_memory(&control, buffer.baseAddress, &size, 0, $0.baseAddress, 0, nil)
      }
      if written != 0 {
        count = Int(size)
      } else {
        failure = withUnsafeBytes(of: control.message) { message in
          String(decoding: message.prefix { $0 != 0 }, as: UTF8.self)
        }
      }
      png_image_free(&control)
    }
    if let failure { throw .tooLarge(path: "PNG", reason: failure) }
    return bytes
  }
}
