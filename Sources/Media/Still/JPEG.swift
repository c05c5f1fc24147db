import CJPEG

/// Decodes a JPEG to RGB.
/// - Parameter options: `coveringSide` is the least that both sides should have; orientation is not looked at.
func decodeJPEG(_ bytes: [UInt8], path: String, options: DecodeOptions) throws(MediaError) -> StoredStill {
  let segments = JPEGSegments(bytes)
  var still = try bytes.withUnsafeBufferPointer { (bytes) throws(MediaError) -> StoredStill in
    let reader = try JPEGReader(bytes, path: path)
    let full = reader.header
    try options.check(full.width, full.height, path: path)

    let eighths = jpegEighths(width: full.width, height: full.height, covering: options.coveringSide)
    let (width, height) = (scaled(full.width, eighths: eighths), scaled(full.height, eighths: eighths))
    let size = width * height * full.channels
    try options.check(bytes: size + full.coefficients, full.width, full.height, path: path)
    try requireMemory(size + full.coefficients, path: path)
    var outcome = Result<Double?, MediaError>.success(nil)
    let pixels = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      outcome = Result { () throws(MediaError) in try reader.read(eighths: eighths, into: buffer) }
      guard case .success = outcome else { return }
      if full.channels == 4 { cmykToRGB(buffer) }
      count = width * height * 3
    }
    let seen = try outcome.get()
    try options.accept(seen, path: path, reason: reader.message)
    return StoredStill(
      image: Image(width: width, height: height, pixels: pixels), width: full.width, height: full.height,
      seen: seen)
  }
  still.orientation = segments.orientation
  still.profile = segments.profile
  return still
}

extension DecodeOptions {
  /// - Parameter seen: how much of a picture could be decoded before the first damage, 0…1; nil is all of it.
  /// - Throws: `MediaError.undecodable` where that is too little.
  func accept(_ seen: Double?, path: String, reason: @autoclosure () -> String) throws(MediaError) {
    guard let seen else { return }
    if !acceptsDamage || seen < 0.5 { throw .undecodable(path: path, reason: reason()) }
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
  /// Pixels, bytes a pixel, and bytes of all coefficients where these must be kept.
  let header: (width: Int, height: Int, channels: Int, coefficients: Int)
  private let handle: OpaquePointer?
  private let path: String

  /// Reads the header only.
  init(_ bytes: UnsafeBufferPointer<UInt8>, path: String) throws(MediaError) {
    self.path = path
    var handle: OpaquePointer?
    var header = narrate_jpeg_header()
    let status = narrate_jpeg_open(bytes.baseAddress, bytes.count, &handle, &header)
    self.handle = handle
    self.header = (Int(header.width), Int(header.height), Int(header.channels), header.coefficients)
    try check(status)
  }

  deinit { narrate_jpeg_close(handle) }

  /// Decodes into rows without padding; once.
  /// - Returns: how much was decoded before the first damage; nil where there is none.
  func read(eighths: Int, into buffer: UnsafeMutableBufferPointer<UInt8>) throws(MediaError) -> Double? {
    let count =
      scaled(header.width, eighths: eighths) * scaled(header.height, eighths: eighths) * header.channels
    precondition(buffer.count >= count)
    var damage = narrate_jpeg_damage()
    try check(narrate_jpeg_read(handle, CInt(eighths), buffer.baseAddress, count, &damage))
    return damage.is_damaged ? damage.seen : nil
  }

  /// What went wrong last, in libjpeg's words.
  var message: String { handle.map { String(cString: narrate_jpeg_message($0)) } ?? "" }

  private func check(_ status: narrate_jpeg_status) throws(MediaError) {
    if status == NARRATE_JPEG_OK { return }
    guard handle != nil else { throw .tooLarge(path: path, reason: "no memory for the decoder") }
    switch status {
    case NARRATE_JPEG_UNSUPPORTED: throw .unsupported(path: path, reason: message)
    case NARRATE_JPEG_TOO_LARGE, NARRATE_JPEG_NO_MEMORY: throw .tooLarge(path: path, reason: message)
    default: throw .undecodable(path: path, reason: message)
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
