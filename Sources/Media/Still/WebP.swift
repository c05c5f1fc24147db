import CFFmpeg
import CStills

/// Decodes a WebP to RGB over white; of an animation its first frame.
/// - Parameter options: the picture comes no larger than twice `coveringSide` where it is large.
func decodeWebP(_ bytes: [UInt8], path: String, options: DecodeOptions) throws(MediaError) -> StoredStill {
  let library = try StillLibraries.webP.loaded(path: path)
  return try bytes.withUnsafeBufferPointer { (buffer) throws(MediaError) -> StoredStill in
    let reader = try WebPReader(buffer, library, path: path)
    try options.check(reader.width, reader.height, path: path)
    // A still of usual size by FFmpeg, if it is there: the shipped models learned from its pixels, which in chroma differ a little.
    let isUsual = reader.isStill && options.shrinking(reader.width, reader.height) == 1
    if isUsual,
      let still = try? decodeByFFmpeg(bytes, AV_CODEC_ID_WEBP, bytesPerPixel: 8, path: path, options: options)
    {
      return reader.described(still)
    }
    return try reader.read(options)
  }
}

/// The only owner of a demuxer of libwebp. The bytes must stay in place as long as it lives.
private struct WebPReader: ~Copyable {
  /// Of the canvas, in pixels.
  let width: Int
  let height: Int
  private let library: narrate_webp
  private let demuxer: OpaquePointer
  private let path: String

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ library: narrate_webp, path: String) throws(MediaError) {
    var data = WebPData(bytes: bytes.baseAddress, size: bytes.count)
    // Partly there is enough: that is told by the frame.
    var state = WEBP_DEMUX_PARSING_HEADER
    guard let demuxer = library.WebPDemuxInternal(&data, 1, &state, WEBP_DEMUX_ABI_VERSION) else {
      throw .undecodable(path: path, reason: "file ends too early, or is damaged")
    }
    (self.library, self.demuxer, self.path) = (library, demuxer, path)
    width = Int(library.WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH))
    height = Int(library.WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT))
  }

  deinit { library.WebPDemuxDelete(demuxer) }

  /// Whether it is one picture that is all there.
  var isStill: Bool {
    var frame = WebPIterator()
    guard library.WebPDemuxGetI(demuxer, WEBP_FF_FRAME_COUNT) == 1,
      library.WebPDemuxGetFrame(demuxer, 1, &frame) != 0
    else { return false }
    defer { library.WebPDemuxReleaseIterator(&frame) }
    return frame.complete != 0 && Int(frame.width) == width && Int(frame.height) == height
  }

  /// With what the file says beside the picture.
  func described(_ picture: StoredStill) -> StoredStill {
    var still = picture
    still.orientation = chunk("EXIF") { Orientation(exif: $0[...]) } ?? .up
    still.profile = chunk("ICCP") { ColorProfile(icc: $0) }
    return still
  }

  func read(_ options: DecodeOptions) throws(MediaError) -> StoredStill {
    var frame = WebPIterator()
    guard library.WebPDemuxGetFrame(demuxer, 1, &frame) != 0 else {
      throw .undecodable(path: path, reason: "no frame in it")
    }
    defer { library.WebPDemuxReleaseIterator(&frame) }
    let isWhole = frame.complete != 0
    var features = WebPBitstreamFeatures()
    let status = library.WebPGetFeaturesInternal(
      frame.fragment.bytes, frame.fragment.size, &features, WEBP_DECODER_ABI_VERSION)
    guard status == VP8_STATUS_OK else {
      throw .undecodable(path: path, reason: isWhole ? "damaged data" : "file ends too early")
    }
    // As VP8L or with alpha, all pixels are kept; else some rows.
    let kept = features.format == 2 || features.has_alpha != 0 ? 8 : 1
    try options.check(Int(features.width), Int(features.height), bytesPerPixel: kept, path: path)
    let factor = options.shrinking(Int(features.width), Int(features.height))
    let size = (
      max(1, Int(features.width) / factor), max(1, Int(features.height) / factor)
    )
    try options.check(bytes: size.0 * size.1 * 4 + kept * width * height, width, height, path: path)
    let decoded = try pixels(frame.fragment, size, scales: factor > 1, isWhole, options)
    var still = StoredStill(try onCanvas(decoded.image, frame, factor, options))
    (still.width, still.height, still.seen) = (width, height, decoded.seen)
    return described(still)
  }

  /// One frame, over white.
  private func pixels(
    _ data: WebPData, _ size: (width: Int, height: Int), scales: Bool, _ isWhole: Bool,
    _ options: DecodeOptions
  ) throws(MediaError) -> (image: Image, seen: Double?) {
    var configuration = WebPDecoderConfig()
    guard library.WebPInitDecoderConfigInternal(&configuration, WEBP_DECODER_ABI_VERSION) != 0 else {
      throw .unsupported(path: path, reason: "another version of libwebp")
    }
    if scales {
      configuration.options.use_scaling = 1
      configuration.options.scaled_width = Int32(size.width)
      configuration.options.scaled_height = Int32(size.height)
    }
    try requireMemory(size.width * size.height * 4, path: path)
    var (status, rows) = (VP8_STATUS_OUT_OF_MEMORY, 0 as Int32)
    let pixels = [UInt8](unsafeUninitializedCapacity: size.width * size.height * 4) { buffer, count in
      buffer.initialize(repeating: 255)
      configuration.output.colorspace = MODE_RGBA
      configuration.output.is_external_memory = 1
      configuration.output.u.RGBA.rgba = buffer.baseAddress
      configuration.output.u.RGBA.stride = Int32(size.width * 4)
      configuration.output.u.RGBA.size = buffer.count
      // Bit by bit, since that tells how far a file goes which is cut off.
      if let decoder = library.WebPIDecode(nil, 0, &configuration) {
        status = library.WebPIUpdate(decoder, data.bytes, data.size)
        _ = library.WebPIDecGetRGB(decoder, &rows, nil, nil, nil)
        library.WebPIDelete(decoder)
      }
      blendOverWhite(buffer)
      count = size.width * size.height * 3
    }
    library.WebPFreeDecBuffer(&configuration.output)
    if status == VP8_STATUS_OUT_OF_MEMORY { throw .tooLarge(path: path, reason: "no memory for the decoder") }
    let seen = status == VP8_STATUS_OK ? nil : Double(rows) / Double(size.height)
    try options.accept(seen, path: path, reason: isWhole ? "damaged data" : "file ends too early")
    return (Image(width: size.width, height: size.height, pixels: pixels), seen)
  }

  /// The frame where it belongs on the canvas, which is white.
  private func onCanvas(
    _ image: Image, _ frame: WebPIterator, _ factor: Int, _ options: DecodeOptions
  ) throws(MediaError) -> Image {
    let (wide, high) = (max(1, width / factor), max(1, height / factor))
    if image.width == wide && image.height == high { return image }
    try options.check(width, height, bytesPerPixel: 3, path: path)
    var pixels = [UInt8](repeating: 255, count: wide * high * 3)
    let (left, top) = (Int(frame.x_offset) / factor, Int(frame.y_offset) / factor)
    let count = min(image.width, wide - left) * 3
    guard left >= 0, top >= 0, count > 0 else { return Image(width: wide, height: high, pixels: pixels) }
    for row in 0..<max(0, min(image.height, high - top)) {
      let (from, to) = (row * image.width * 3, ((top + row) * wide + left) * 3)
      pixels.replaceSubrange(to..<to + count, with: image.pixels[from..<from + count])
    }
    return Image(width: wide, height: high, pixels: pixels)
  }

  /// What a chunk of metadata holds, if there is one.
  private func chunk<Value>(_ name: String, _ read: ([UInt8]) -> Value?) -> Value? {
    var found = WebPChunkIterator()
    guard library.WebPDemuxGetChunk(demuxer, name, 1, &found) != 0 else { return nil }
    defer { library.WebPDemuxReleaseChunkIterator(&found) }
    guard let bytes = found.chunk.bytes, found.chunk.size <= 16 << 20 else { return nil }
    return read(Array(UnsafeBufferPointer(start: bytes, count: found.chunk.size)))
  }
}
