import CJPEG

/// Decodes a JPEG to RGB, as stored: orientation is not looked at.
func decodeJPEG(_ bytes: [UInt8], path: String, options: DecodeOptions) throws(MediaError) -> Picture {
  try bytes.withUnsafeBufferPointer { (bytes) throws(MediaError) -> Picture in
    let reader = try JPEGReader(bytes, path: path)
    let full = reader.header
    try checkPixels(full.width, full.height, path: path, options: options)

    let eighths = jpegEighths(width: full.width, height: full.height, covering: options.coveringSide)
    let (width, height) = (scaled(full.width, eighths: eighths), scaled(full.height, eighths: eighths))
    try requireMemory(width * height * full.channels, path: path)
    var failure: MediaError?
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * full.channels) { buffer, count in
      do throws(MediaError) {
        try reader.read(eighths: eighths, into: buffer)
        if full.channels == 4 { cmykToRGB(buffer) }
        count = width * height * 3
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return Picture(
      image: Image(width: width, height: height, pixels: pixels), width: full.width, height: full.height)
  }
}

/// - Throws: `MediaError.tooLarge` for more pixels than `options` allow.
func checkPixels(_ width: Int, _ height: Int, path: String, options: DecodeOptions) throws(MediaError) {
  // Within `Int`, too, when counted in bytes.
  if width * height > min(options.pixelLimit, Int.max / 4) {
    throw .tooLarge(path: path, reason: "\(width)×\(height) pixels; the limit is \(options.pixelLimit)")
  }
}

/// The smallest scale, in eighths, at which both sides still have `side` pixels; 8 where none has, or for
/// `nil`.
func jpegEighths(width: Int, height: Int, covering side: Int?) -> Int {
  guard let side else { return 8 }
  return (1...8).first { scaled(min(width, height), eighths: $0) >= side } ?? 8
}

/// libjpeg's size of a side at a scale: rounded up.
private func scaled(_ side: Int, eighths: Int) -> Int { (side * eighths + 7) / 8 }

/// The only owner of a libjpeg decoder. The bytes must stay in place as long as it lives.
private struct JPEGReader: ~Copyable {
  let header: (width: Int, height: Int, channels: Int)
  private let handle: OpaquePointer?
  private let path: String

  /// Reads the header only.
  init(_ bytes: UnsafeBufferPointer<UInt8>, path: String) throws(MediaError) {
    self.path = path
    var handle: OpaquePointer?
    var header = narrate_jpeg_header()
    let status = narrate_jpeg_open(bytes.baseAddress, bytes.count, &handle, &header)
    self.handle = handle
    self.header = (Int(header.width), Int(header.height), Int(header.channels))
    try check(status)
  }

  deinit { narrate_jpeg_close(handle) }

  /// Decodes into rows without padding; once.
  func read(eighths: Int, into buffer: UnsafeMutableBufferPointer<UInt8>) throws(MediaError) {
    let count =
      scaled(header.width, eighths: eighths) * scaled(header.height, eighths: eighths) * header.channels
    precondition(buffer.count >= count)
    try check(narrate_jpeg_read(handle, CInt(eighths), buffer.baseAddress, count))
  }

  private func check(_ status: narrate_jpeg_status) throws(MediaError) {
    if status == NARRATE_JPEG_OK { return }
    guard let handle else { throw .tooLarge(path: path, reason: "no memory for the decoder") }
    let reason = String(cString: narrate_jpeg_message(handle))
    switch status {
    case NARRATE_JPEG_UNSUPPORTED: throw .unsupported(path: path, reason: reason)
    case NARRATE_JPEG_TOO_LARGE, NARRATE_JPEG_NO_MEMORY: throw .tooLarge(path: path, reason: reason)
    default: throw .undecodable(path: path, reason: reason)
    }
  }
}

/// Turns CMYK into RGB in place, 4 bytes into 3. As Photoshop writes it and browsers read it, a stored 255 is
/// no ink, with Adobe's marker or without.
private func cmykToRGB(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
  var target = 0
  for source in stride(from: 0, to: buffer.count - 3, by: 4) {
    let white = UInt32(buffer[source + 3])
    for channel in 0..<3 {
      buffer[target] = UInt8(truncatingIfNeeded: dividedBy255(UInt32(buffer[source + channel]) * white))
      target += 1
    }
  }
}

/// The nearest whole number to `value / 255`, for `value` up to 255².
@inline(__always)
func dividedBy255(_ value: UInt32) -> UInt32 { ((value + 128) + ((value + 128) >> 8)) >> 8 }
