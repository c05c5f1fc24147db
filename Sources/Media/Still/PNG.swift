import CPNG

/// Decodes a PNG to RGB over white. Of an animation, the still picture.
/// - Parameter options: of a large picture `coveringSide` is the least that both sides should have; orientation is not looked
///   at.
func decodePNG(_ bytes: [UInt8], path: String, options: DecodeOptions) throws(MediaError) -> StoredStill {
  let chunks = PNGChunks(bytes)
  return try bytes.withUnsafeBufferPointer { (bytes) throws(MediaError) -> StoredStill in
    let reader = try PNGReader(bytes, chunks, path: path, isStrict: !options.acceptsDamage)
    let (width, height, channels) = (reader.header.width, reader.header.height, reader.header.channels)
    try options.check(width, height, path: path)

    let factor = reader.header.isInterlaced ? 1 : options.shrinking(width, height)
    var still: StoredStill
    if factor > 1 {
      still = try shrunk(reader, by: factor, path: path, options: options)
    } else {
      try options.check(width, height, bytesPerPixel: channels, path: path)
      try requireMemory(width * height * channels, path: path)
      let pixels = try whole(reader, path: path, options: options)
      still = StoredStill(Image(width: width, height: height, pixels: pixels.bytes))
      still.seen = pixels.seen
    }
    if still.seen == nil { try reader.finish(isStrict: !options.acceptsDamage) }
    still.orientation = chunks.orientation ?? reader.textOrientation ?? .up
    still.profile = reader.profile ?? chunks.coded
    return still
  }
}

private func whole(
  _ reader: borrowing PNGReader, path: String, options: DecodeOptions
) throws(MediaError) -> (bytes: [UInt8], seen: Double?) {
  let (width, height, channels) = (reader.header.width, reader.header.height, reader.header.channels)
  var failure: MediaError?
  let pixels = [UInt8](unsafeUninitializedCapacity: width * height * channels) { buffer, count in
    let isInterlaced = reader.header.isInterlaced
    if isInterlaced { buffer.initialize(repeating: 255) }
    do throws(MediaError) { try reader.read(into: buffer) } catch { failure = error }
    // What could not be read is white.
    if failure != nil, !isInterlaced {
      let rows = Int((reader.seen * Double(height)).rounded())
      buffer[(rows * width * channels)...].initialize(repeating: 255)
    }
    if channels == 4 { blendOverWhite(buffer) }
    count = width * height * 3
  }
  guard let failure else { return (pixels, nil) }
  guard case .undecodable(_, let reason) = failure else { throw failure }
  try options.accept(reader.seen, path: path, reason: reason)
  return (pixels, reader.seen)
}

/// Row by row, for a picture that would take much memory.
private func shrunk(
  _ reader: borrowing PNGReader, by factor: Int, path: String, options: DecodeOptions
) throws(MediaError) -> StoredStill {
  let (width, height, channels) = (reader.header.width, reader.header.height, reader.header.channels)
  var shrinker = BoxShrinker(width: width, height: height, factor: factor)
  var line = [UInt8](repeating: 255, count: width * channels)
  var failure: MediaError?
  line.withUnsafeMutableBufferPointer { line in
    for _ in 0..<height {
      do throws(MediaError) { try reader.read(into: line) } catch { failure = error }
      if failure != nil { return }
      if channels == 4 { blendOverWhite(line) }
      shrinker.add(UnsafeBufferPointer(rebasing: line[..<(width * 3)]))
    }
  }
  var seen: Double?
  if let failure {
    guard case .undecodable(_, let reason) = failure else { throw failure }
    try options.accept(reader.seen, path: path, reason: reason)
    seen = reader.seen
  }
  return StoredStill(image: shrinker.image(), width: width, height: height, seen: seen)
}

/// The only owner of a libpng decoder. The bytes must stay in place as long as it lives.
private struct PNGReader: ~Copyable {
  let header: (width: Int, height: Int, channels: Int, isInterlaced: Bool)
  private let handle: OpaquePointer?
  private let path: String

  /// Reads as far as the image data.
  init(_ bytes: UnsafeBufferPointer<UInt8>, _ chunks: PNGChunks, path: String, isStrict: Bool)
    throws(MediaError)
  {
    self.path = path
    var handle: OpaquePointer?
    var header = narrate_png_header()
    let options = narrate_png_options(
      is_strict: isStrict, wants_profile: chunks.hasProfile, wants_text: chunks.hasExifText)
    let status = narrate_png_open(bytes.baseAddress, bytes.count, options, &handle, &header)
    self.handle = handle
    self.header = (Int(header.width), Int(header.height), Int(header.channels), header.is_interlaced)
    try check(status)
  }

  deinit { narrate_png_close(handle) }

  /// Decodes the next rows, without padding: as many as there is room for.
  func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(MediaError) {
    try check(narrate_png_read(handle, buffer.baseAddress, buffer.count))
  }

  /// Reads what comes after the picture. That its end is missing costs no pixel; with a wrong checksum it is another matter,
  /// where that matters at all.
  func finish(isStrict: Bool) throws(MediaError) {
    let status = narrate_png_finish(handle)
    if isStrict && status != NARRATE_PNG_CUT { try check(status) }
  }

  /// How much has been decoded, 0…1.
  var seen: Double { narrate_png_seen(handle) }

  /// nil for sRGB.
  var profile: ColorProfile? {
    var count = 0
    guard let bytes = narrate_png_profile(handle, &count) else { return nil }
    return ColorProfile(icc: UnsafeBufferPointer(start: bytes, count: count))
  }

  /// By what ImageMagick wrote before there was a chunk for it: Exif in hexadecimal digits, after its name and its length.
  var textOrientation: Orientation? {
    for keyword in PNGChunks.exifKeywords {
      guard let text = narrate_png_text(handle, keyword) else { continue }
      let fields = String(cString: text).split(whereSeparator: \.isWhitespace).dropFirst(2)
      let digits = fields.joined().utf8.prefix(1 << 20).compactMap {
        Character(UnicodeScalar($0)).hexDigitValue
      }
      let bytes = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
      if let orientation = Orientation(exif: bytes[...]) { return orientation }
    }
    return nil
  }

  private func check(_ status: narrate_png_status) throws(MediaError) {
    switch status {
    case NARRATE_PNG_OK: return
    case NARRATE_PNG_NO_MEMORY: throw .tooLarge(path: path, reason: "no memory for the decoder")
    default:
      throw .undecodable(
        path: path, reason: handle.map { String(cString: narrate_png_message($0)) } ?? "no memory")
    }
  }
}

/// Turns RGBA into RGB over white in place, 4 bytes into 3, on the sRGB values as browsers do.
func blendOverWhite(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
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
