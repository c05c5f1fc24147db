import CFFmpeg

// One owner for each handle of FFmpeg's libraries; only it frees the handle.

/// An open container.
struct Container: ~Copyable {
  let handle: UnsafeMutablePointer<AVFormatContext>

  /// Demuxers that are tried: containers and single pictures. Playlists and text formats, which could name other files,
  /// are not among them.
  private static let formats =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,h264,hevc,ivf,obu,ogg,flv,asf,gif,apng,mjpeg,yuv4mpegpipe,"
    + "webp_pipe,bmp_pipe,tiff_pipe,jpegxl_pipe,jpeg_pipe,png_pipe"

  /// - Parameter kind: what the file says that it is.
  init(path: String, kind: MediaKind?) throws(MediaError) {
    try requireFFmpeg(path: path)
    ffmpeg.av_log_set_level(AV_LOG_QUIET)
    var options: OpaquePointer?
    defer { ffmpeg.av_dict_free(&options) }
    _ = ffmpeg.av_dict_set(&options, "format_whitelist", Self.formats, 0)
    _ = ffmpeg.av_dict_set(&options, "protocol_whitelist", "file", 0)
    var context: UnsafeMutablePointer<AVFormatContext>?
    let status = ffmpeg.avformat_open_input(&context, "file:" + path, nil, &options)
    guard status >= 0, let context else {
      throw kind == nil
        ? .unsupported(path: path, reason: "neither a picture nor a video")
        : .undecodable(path: path, reason: avMessage(status))
    }
    handle = context
  }

  /// How long the file is, as it says; 0 or less where it does not.
  ///
  /// Of an MP4 or QuickTime file FFmpeg gives what the movie header says; from 6.1 on, what the longest track's frames add up
  /// to in the order of decoding. That differs by milliseconds, and ends too early where frames of unequal length are decoded
  /// in another order than they are shown in. Here a file has one length, whichever FFmpeg reads it.
  func microseconds(path: String) throws(MediaError) -> Int64 {
    let isMovie = String(cString: handle.pointee.iformat.pointee.name).hasPrefix("mov,")
    return try (isMovie ? MovieHeader.microseconds(contentsOf: path) : nil) ?? handle.pointee.duration
  }

  deinit {
    var context: UnsafeMutablePointer<AVFormatContext>? = handle
    ffmpeg.avformat_close_input(&context)
  }
}

/// A decoder for one stream.
struct Decoder: ~Copyable {
  let handle: UnsafeMutablePointer<AVCodecContext>

  init(_ stream: UnsafeMutablePointer<AVStream>, _ codec: UnsafePointer<AVCodec>, threads: Int, path: String)
    throws(MediaError)
  {
    guard let context = ffmpeg.avcodec_alloc_context3(codec) else {
      throw .tooLarge(path: path, reason: "no memory")
    }
    // More than FFmpeg has any use for.
    context.pointee.thread_count = Int32(min(max(1, threads), 64))
    var status = ffmpeg.avcodec_parameters_to_context(context, stream.pointee.codecpar)
    context.pointee.pkt_timebase = stream.pointee.time_base
    if status >= 0 { status = ffmpeg.avcodec_open2(context, codec, nil) }
    guard status >= 0 else {
      var failed: UnsafeMutablePointer<AVCodecContext>? = context
      ffmpeg.avcodec_free_context(&failed)
      throw .undecodable(path: path, reason: avMessage(status))
    }
    handle = context
  }

  deinit {
    var context: UnsafeMutablePointer<AVCodecContext>? = handle
    ffmpeg.avcodec_free_context(&context)
  }
}

/// A compressed packet, reused.
struct Packet: ~Copyable {
  let handle: UnsafeMutablePointer<AVPacket>

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

/// What FFmpeg says of a status.
func avMessage(_ status: Int32) -> String {
  var text = [CChar](repeating: 0, count: 128)
  _ = ffmpeg.av_strerror(status, &text, text.count)
  return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
