import CFFmpeg
import Glibc

// One owner for each handle of FFmpeg's libraries; only it frees the handle.

/// An open container, and the file that it is read from.
struct Container: ~Copyable {
  let handle: UnsafeMutablePointer<AVFormatContext>
  private let input: FileInput

  /// Demuxers that are tried: containers and single pictures. Playlists and text formats, which could name other files,
  /// are not among them.
  private static let formats =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,h264,hevc,ivf,obu,ogg,flv,asf,gif,apng,mjpeg,yuv4mpegpipe,"
    + "webp_pipe,bmp_pipe,tiff_pipe,jpegxl_pipe,jpeg_pipe,png_pipe"

  init(_ file: borrowing RegularFile) throws(MediaError) {
    let path = file.path
    try requireFFmpeg(path: path)
    try MovieIndex.check(file)
    ffmpeg.av_log_set_level(AV_LOG_QUIET)
    var options: OpaquePointer?
    defer { ffmpeg.av_dict_free(&options) }
    _ = ffmpeg.av_dict_set(&options, "format_whitelist", Self.formats, 0)
    let input = try FileInput(file)
    guard var context = ffmpeg.avformat_alloc_context() as UnsafeMutablePointer<AVFormatContext>? else {
      throw .tooLarge(path: path, reason: "no memory")
    }
    context.pointee.pb = input.handle
    // No other file is read, whatever this one says.
    context.pointee.io_open = { _, _, _, _, _ in -EPERM }
    var opened: UnsafeMutablePointer<AVFormatContext>? = context
    // Frees the context where it fails.
    let status = ffmpeg.avformat_open_input(&opened, "", nil, &options)
    guard status >= 0, let opened else { throw Self.failure(status, file) }
    context = opened
    (handle, self.input) = (context, input)
  }

  /// Why a file cannot be opened.
  private static func failure(_ status: Int32, _ file: borrowing RegularFile) -> MediaError {
    let path = file.path
    // Read once more: the file says what it is.
    guard let kind = try? file.kind() else {
      return .unsupported(path: path, reason: "neither a picture nor a video")
    }
    if status == -EINVAL { return .unsupported(path: path, reason: "of a format that is not read") }
    let lacksIndex = (try? MovieHeader.lacksIndex(file)) ?? false
    return .undecodable(
      path: path,
      reason: kind == .video && lacksIndex
        ? "its index (moov) is missing: the recording was cut off" : avMessage(status))
  }

  /// Whether times may begin anew anywhere, as in transport streams that were put one after the other.
  var mayJump: Bool { handle.pointee.iformat.pointee.flags & AVFMT_TS_DISCONT != 0 }

  /// Whether the file is one picture, by its format.
  var isPicture: Bool { String(cString: handle.pointee.iformat.pointee.name).hasSuffix("_pipe") }

  /// How much of the file has been read, 0 to 1.
  var shareRead: Double {
    min(1, Double(input.handle.pointee.pos) / Double(max(1, input.size)))
  }

  /// Pixels of H.264's frames that are decoded to find out what a stream is: those of UHD television.
  private static let examinedPixels = 9_500_000

  /// Reads as much as tells what streams there are, which for some takes decoding a frame.
  func findStreams(_ options: VideoOptions, path: String) throws(MediaError) {
    let count = Int(handle.pointee.nb_streams)
    var settings = [OpaquePointer?](repeating: nil, count: count)
    for index in settings.indices {
      // Of H.264 it decodes as many frames as may be kept for others, and nobody counts what they take.
      let isH264 = handle.pointee.streams[index]?.pointee.codecpar.pointee.codec_id == AV_CODEC_ID_H264
      let limit = isH264 ? min(options.pixelLimit, Self.examinedPixels) : options.pixelLimit
      _ = ffmpeg.av_dict_set(&settings[index], "max_pixels", String(limit), 0)
    }
    let status = ffmpeg.avformat_find_stream_info(handle, &settings)
    for index in settings.indices { ffmpeg.av_dict_free(&settings[index]) }
    guard status >= 0 else { throw .undecodable(path: path, reason: avMessage(status)) }
  }

  /// The video that is looked at, and its decoder; the other streams are left out.
  func video(
    _ options: VideoOptions, path: String
  ) throws(MediaError) -> (UnsafeMutablePointer<AVStream>, UnsafePointer<AVCodec>) {
    var codec: UnsafePointer<AVCodec>?
    let index = ffmpeg.av_find_best_stream(handle, AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0)
    guard index >= 0, let codec, let stream = handle.pointee.streams[Int(index)],
      stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
    else {
      throw .unsupported(
        path: path,
        reason: index == narrate_av_no_decoder() ? "no decoder for its video" : "no video in it")
    }
    for other in 0..<Int(handle.pointee.nb_streams) where other != Int(index) {
      handle.pointee.streams[other]?.pointee.discard = AVDISCARD_ALL
    }
    return (stream, Self.alphaDecoder(stream, options) ?? codec)
  }

  /// VP8 and VP9 keep alpha beside the picture, which FFmpeg's own decoders leave out. What is larger than libvpx may have it goes
  /// without alpha.
  private static func alphaDecoder(
    _ stream: UnsafeMutablePointer<AVStream>, _ options: VideoOptions
  ) -> UnsafePointer<AVCodec>? {
    let parameters = stream.pointee.codecpar.pointee
    guard let mode = ffmpeg.av_dict_get(stream.pointee.metadata, "alpha_mode", nil, 0),
      String(cString: mode.pointee.value) == "1",
      options.fitsUnbounded(CodedSize(width: Int(parameters.width), height: Int(parameters.height)))
    else { return nil }
    return switch stream.pointee.codecpar.pointee.codec_id {
    case AV_CODEC_ID_VP8: ffmpeg.avcodec_find_decoder_by_name("libvpx")
    case AV_CODEC_ID_VP9: ffmpeg.avcodec_find_decoder_by_name("libvpx-vp9")
    default: nil
    }
  }

  /// How long the file is, as it says; 0 or less where it does not.
  ///
  /// Of an MP4 or QuickTime file FFmpeg gives what the movie header says; from 6.1 on, what the longest track's frames add up
  /// to in the order of decoding. That differs by milliseconds, and ends too early where frames of unequal length are decoded
  /// in another order than they are shown in. Here a file has one length, whichever FFmpeg reads it.
  func microseconds(_ file: borrowing RegularFile) throws(MediaError) -> Int64 {
    let isMovie = String(cString: handle.pointee.iformat.pointee.name).hasPrefix("mov,")
    return try (isMovie ? MovieHeader.microseconds(file) : nil) ?? handle.pointee.duration
  }

  deinit {
    var context: UnsafeMutablePointer<AVFormatContext>? = handle
    ffmpeg.avformat_close_input(&context)
  }
}

/// A decoder for one stream.
struct Decoder: ~Copyable {
  let handle: UnsafeMutablePointer<AVCodecContext>

  private let budget: FrameBudget

  init(
    _ stream: UnsafeMutablePointer<AVStream>, _ codec: UnsafePointer<AVCodec>, _ options: VideoOptions,
    path: String
  ) throws(MediaError) {
    guard let context = ffmpeg.avcodec_alloc_context3(codec) else {
      throw .tooLarge(path: path, reason: "no memory")
    }
    let budget = FrameBudget(options.frameMemory)
    let threads = budget.threads(options.threads, for: stream.pointee.codecpar.pointee)
    // More than FFmpeg has any use for.
    context.pointee.thread_count = Int32(min(threads, 64))
    // Before memory is taken, also where the size grows in mid-stream.
    context.pointee.max_pixels = Int64(options.pixelLimit)
    budget.watch(context)
    var status = ffmpeg.avcodec_parameters_to_context(context, stream.pointee.codecpar)
    context.pointee.pkt_timebase = stream.pointee.time_base
    if status >= 0 { status = ffmpeg.avcodec_open2(context, codec, nil) }
    guard status >= 0 else {
      var failed: UnsafeMutablePointer<AVCodecContext>? = context
      ffmpeg.avcodec_free_context(&failed)
      throw .undecodable(path: path, reason: avMessage(status))
    }
    (handle, self.budget) = (context, budget)
  }

  /// Whether its frames together would have taken more memory than they may.
  var exceedsMemory: Bool { budget.wasExceeded }

  deinit {
    var context: UnsafeMutablePointer<AVCodecContext>? = handle
    ffmpeg.avcodec_free_context(&context)
  }
}

/// A compressed packet, reused.
struct Packet: ~Copyable {
  let handle: UnsafeMutablePointer<AVPacket>

  /// The largest frame in it, the one of its alpha, too; of VP8 and VP9 alone.
  func codedSize(_ codec: AVCodecID) -> CodedSize {
    let packet = handle.pointee
    var size = CodedSize()
    func add(_ data: UnsafeMutablePointer<UInt8>?, _ count: Int) {
      let bytes = UnsafeRawBufferPointer(start: data, count: max(0, count))
      size = size.joined(with: codec == AV_CODEC_ID_VP8 ? CodedSize(vp8: bytes) : CodedSize(vp9: bytes))
    }
    add(packet.data, Int(packet.size))
    for index in 0..<Int(packet.side_data_elems) {
      // Behind the number that says what it is.
      if let side = packet.side_data?[index], side.type == AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL, side.size > 8
      {
        add(side.data + 8, Int(side.size) - 8)
      }
    }
    return size
  }

  init() {
    guard let packet = ffmpeg.av_packet_alloc() else { fatalError("no memory for a packet") }
    handle = packet
  }

  deinit {
    var packet: UnsafeMutablePointer<AVPacket>? = handle
    ffmpeg.av_packet_free(&packet)
  }
}

/// A decoded frame, reused.
struct RawFrame: ~Copyable {
  let handle: UnsafeMutablePointer<AVFrame>

  init() {
    guard let frame = ffmpeg.av_frame_alloc() else { fatalError("no memory for a frame") }
    handle = frame
  }

  deinit {
    var frame: UnsafeMutablePointer<AVFrame>? = handle
    ffmpeg.av_frame_free(&frame)
  }
}

/// What a status means for a file; in FFmpeg's words where there are no better ones.
func avMessage(_ status: Int32) -> String {
  switch status {
  case narrate_av_invalid_data(): return "damaged, or cut off too early"
  case narrate_av_end(): return "file ends too early"
  case narrate_av_no_memory(): return "it would take too much memory"
  case -EINVAL: return "what it says of itself makes no sense"
  default: break
  }
  var text = [CChar](repeating: 0, count: 128)
  _ = ffmpeg.av_strerror(status, &text, text.count)
  return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
