import CPNG

/// Decodes a PNG to RGB over white, as stored: orientation is not looked at. Of an animation, the still
/// picture.
func decodePNG(_ bytes: [UInt8], path: String, options: DecodeOptions) throws(MediaError) -> Picture {
  try bytes.withUnsafeBufferPointer { (bytes) throws(MediaError) -> Picture in
    let reader = try PNGReader(bytes, path: path)
    let (width, height, channels) = reader.header
    try checkPixels(width, height, path: path, options: options)

    try requireMemory(width * height * channels, path: path)
    var failure: MediaError?
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * channels) { buffer, count in
      do throws(MediaError) {
        try reader.read(into: buffer)
        if channels == 4 { blendOverWhite(buffer) }
        count = width * height * 3
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return Picture(
      image: Image(width: width, height: height, pixels: pixels), width: width, height: height)
  }
}

/// The only owner of a libpng decoder. The bytes must stay in place as long as it lives.
private struct PNGReader: ~Copyable {
  let header: (width: Int, height: Int, channels: Int)
  private let handle: OpaquePointer?
  private let path: String

  /// Reads as far as the image data.
  init(_ bytes: UnsafeBufferPointer<UInt8>, path: String) throws(MediaError) {
    self.path = path
    var handle: OpaquePointer?
    var header = narrate_png_header()
    let status = narrate_png_open(bytes.baseAddress, bytes.count, &handle, &header)
    self.handle = handle
    self.header = (Int(header.width), Int(header.height), Int(header.channels))
    try check(status)
  }

  deinit { narrate_png_close(handle) }

  /// Decodes into rows without padding; once.
  func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(MediaError) {
    let count = header.width * header.height * header.channels
    precondition(buffer.count >= count)
    try check(narrate_png_read(handle, buffer.baseAddress, count))
  }

  private func check(_ status: narrate_png_status) throws(MediaError) {
    switch status {
    case NARRATE_PNG_OK: return
    case NARRATE_PNG_NO_MEMORY: throw .tooLarge(path: path, reason: "no memory for the decoder")
    default: throw .undecodable(path: path, reason: String(cString: narrate_png_message(handle)))
    }
  }
}

/// Turns RGBA into RGB over white in place, 4 bytes into 3, on the sRGB values as browsers do.
private func blendOverWhite(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
  var target = 0
  for source in stride(from: 0, to: buffer.count - 3, by: 4) {
    let alpha = UInt32(buffer[source + 3])
    let white = (255 - alpha) * 255
    for channel in 0..<3 {
      buffer[target] = UInt8(
        truncatingIfNeeded: dividedBy255(UInt32(buffer[source + channel]) * alpha + white))
      target += 1
    }
  }
}
