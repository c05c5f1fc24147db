import CFFmpeg

/// Decodes a still that one of FFmpeg's decoders takes whole, without a demuxer in between, which would go by the file's name.
/// - Parameters:
///   - codec: the decoder's number
///   - bytesPerPixel: what it takes for a pixel at most
///   - ignoresAlpha: whether a fourth channel is no alpha
func decodeByFFmpeg(
  _ bytes: [UInt8], _ codec: AVCodecID, bytesPerPixel: Int, ignoresAlpha: Bool = false, path: String,
  options: DecodeOptions
) throws(MediaError) -> StoredStill {
  try requireFFmpeg(path: path)
  ffmpeg.av_log_set_level(AV_LOG_QUIET)
  let packet = Packet()
  let frame = RawFrame()
  // The packet is a copy of the file.
  try options.check(bytes: 2 * bytes.count, 0, 0, path: path)
  let decoder = try StillDecoder(codec, most: options.byteLimit / bytesPerPixel, path: path)
  guard ffmpeg.av_new_packet(packet.handle, Int32(clamping: bytes.count)) >= 0,
    let data = packet.handle.pointee.data
  else { throw .tooLarge(path: path, reason: "no memory for \(bytes.count) bytes") }
  _ = UnsafeMutableBufferPointer(start: data, count: bytes.count).update(fromContentsOf: bytes)
  var status = ffmpeg.avcodec_send_packet(decoder.handle, packet.handle)
  if status >= 0 { status = ffmpeg.avcodec_send_packet(decoder.handle, nil) }
  if status >= 0 { status = ffmpeg.avcodec_receive_frame(decoder.handle, frame.handle) }
  let size = decoder.size
  // Asked first: what is too large fails as if it were damaged.
  try options.check(size.width, size.height, bytesPerPixel: bytesPerPixel, path: path)
  try options.check(
    bytes: 2 * bytes.count + size.width * size.height * bytesPerPixel, size.width, size.height, path: path)
  guard status >= 0 else { throw .undecodable(path: path, reason: avMessage(status)) }
  if ignoresAlpha, AVPixelFormat(frame.handle.pointee.format) == AV_PIX_FMT_BGRA {
    frame.handle.pointee.format = AV_PIX_FMT_BGR0.rawValue
  }
  let (width, height) = (Int(frame.handle.pointee.width), Int(frame.handle.pointee.height))
  let covering = width * height > 16_000_000 ? options.coveringSide.map { 2 * $0 } : nil
  try options.check(
    width, height, bytesPerPixel: covering == nil ? bytesPerPixel + 3 : bytesPerPixel, path: path)
  let converter = FrameConverter(
    path: path, coveringSide: covering, orientation: .up, pixelLimit: options.pixelLimit)
  let image = try converter.image(frame.handle, pixelRatio: AVRational(num: 1, den: 1))
  return StoredStill(image: image, width: width, height: height)
}

/// A decoder for one picture.
private struct StillDecoder: ~Copyable {
  let handle: UnsafeMutablePointer<AVCodecContext>

  /// - Parameter most: pixels that it may take memory for
  init(_ codec: AVCodecID, most: Int, path: String) throws(MediaError) {
    guard let found = ffmpeg.avcodec_find_decoder(codec), let context = ffmpeg.avcodec_alloc_context3(found)
    else {
      throw .unsupported(path: path, reason: "FFmpeg has no decoder for it here")
    }
    context.pointee.thread_count = 1
    context.pointee.max_pixels = Int64(most)
    let status = ffmpeg.avcodec_open2(context, found, nil)
    guard status >= 0 else {
      var failed: UnsafeMutablePointer<AVCodecContext>? = context
      ffmpeg.avcodec_free_context(&failed)
      throw .undecodable(path: path, reason: avMessage(status))
    }
    handle = context
  }

  /// As far as it is known.
  var size: (width: Int, height: Int) {
    (max(0, Int(handle.pointee.width)), max(0, Int(handle.pointee.height)))
  }

  deinit {
    var context: UnsafeMutablePointer<AVCodecContext>? = handle
    ffmpeg.avcodec_free_context(&context)
  }
}

/// A Windows bitmap; the fourth byte of a pixel is alpha only where the header has a mask for it.
func decodeBMP(_ bytes: [UInt8], path: String, options: DecodeOptions) throws(MediaError) -> StoredStill {
  func number(_ place: Int) -> Int {
    bytes.count >= place + 4 ? bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | Int($1) } : 0
  }
  // Asked before there is a copy; a height below zero counts from the top.
  if number(14) >= 40 {
    let (wide, high) = (number(18), abs(Int(Int32(truncatingIfNeeded: number(22)))))
    try options.check(wide, high, path: path)
    try options.check(bytes: 2 * bytes.count + wide * high * 4, wide, high, path: path)
  }
  let hasMask = number(14) >= 56 && number(30) != 0 && number(66) != 0
  return try decodeByFFmpeg(
    bytes, AV_CODEC_ID_BMP, bytesPerPixel: 4, ignoresAlpha: !hasMask, path: path, options: options)
}

/// A Truevision TGA; its header says how many bits of a pixel are alpha.
func decodeTarga(_ bytes: [UInt8], path: String, options: DecodeOptions) throws(MediaError) -> StoredStill {
  try decodeByFFmpeg(
    bytes, AV_CODEC_ID_TARGA, bytesPerPixel: 4, ignoresAlpha: bytes.count > 17 && bytes[17] & 0x0F == 0,
    path: path,
    options: options)
}

/// The largest picture of a Windows icon: a PNG, or a bitmap without its file's header.
func decodeIcon(_ bytes: [UInt8], path: String, options: DecodeOptions) throws(MediaError) -> StoredStill {
  func number(_ place: Int, _ count: Int) -> Int {
    bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
  let entries = (0..<number(4, 2)).map { 6 + 16 * $0 }.filter { $0 + 16 <= bytes.count }
  // 0 stands for 256.
  func side(_ entry: Int) -> Int { bytes[entry] == 0 ? 256 : Int(bytes[entry]) }
  let best = entries.max { (side($0), number($0 + 6, 2)) < (side($1), number($1 + 6, 2)) }
  guard let best else { throw .undecodable(path: path, reason: "an icon without pictures") }
  let (count, start) = (number(best + 8, 4), number(best + 12, 4))
  guard start <= bytes.count, count <= bytes.count - start, count >= 40 else {
    throw .undecodable(path: path, reason: "file ends too early")
  }
  let content = Array(bytes[start..<start + count])
  if content.starts(with: MediaKind.pngSignature) {
    return try decodePNG(content, path: path, options: options)
  }
  // Its height counts the mask below it, too.
  let (head, bits, colors) = (number(start, 4), number(start + 14, 2), number(start + 32, 4))
  let palette = bits <= 8 ? 4 * (colors > 0 ? min(colors, 256) : 1 << bits) : 0
  let (wide, high) = (number(start + 4, 4), number(start + 8, 4) / 2)
  try options.check(wide, high, bytesPerPixel: 4, path: path)
  func field(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  var bitmap = Array("BM".utf8) + field(14 + count) + field(0) + field(14 + head + palette) + content
  bitmap.replaceSubrange(14 + 8..<14 + 12, with: field(high))
  let alpha =
    bits == 32
    && content.dropFirst(head).prefix(4 * wide * high).enumerated().contains { $0 % 4 == 3 && $1 > 0 }
  return try decodeByFFmpeg(
    bitmap, AV_CODEC_ID_BMP, bytesPerPixel: 4, ignoresAlpha: !alpha, path: path, options: options)
}
