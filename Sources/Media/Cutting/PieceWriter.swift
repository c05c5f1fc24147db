import CFFmpeg

/// Why a piece of a video could not be written.
package struct PieceError: Error, Sendable, Equatable {
  /// The system's error number.
  package let code: Int32
}

/// The format that a video's pieces are written in: the video's own, or Matroska where that is not written.
struct PieceFormat {
  let handle: UnsafePointer<AVOutputFormat>
  /// Of a file's name, without a dot.
  let suffix: String
  /// Of each stream of the source, its number in the pieces; nil where it is left out.
  let streams: [Int?]
  /// Whether codecs have the same names in it as in the source.
  let isOwn: Bool

  /// By what FFmpeg calls the source.
  private static let known: [(source: String, name: String, suffix: String)] = [
    ("matroska", "webm", "webm"), ("matroska", "matroska", "mkv"), ("avi", "avi", "avi"),
    ("mpegts", "mpegts", "ts"), ("mpeg", "vob", "mpg"), ("flv", "flv", "flv"), ("asf", "asf", "wmv"),
    ("ogg", "ogg", "ogv"),
  ]

  init(_ source: PacketSource) throws(MediaError) {
    let family = source.format.split(separator: ",").first.map(String.init) ?? ""
    let movie = source.isQuickTime ? ("mov", "mov") : ("mp4", "mp4")
    let own =
      family == "mov" ? [movie] : Self.known.filter { $0.source == family }.map { ($0.name, $0.suffix) }
    for (name, suffix) in own + [("matroska", "mkv")] {
      guard let format = ffmpeg.av_guess_format(name, nil, nil) else { continue }
      let streams = Self.streams(source, format, isOwn: name != "webm" && own.contains { $0.0 == name })
      guard streams[source.video] != nil else { continue }
      (handle, self.suffix, self.streams) = (format, suffix, streams)
      isOwn = own.contains { $0.0 == name }
      return
    }
    throw .unsupported(path: source.path, reason: "of a format that cannot be split")
  }

  /// - Parameter isOwn: whether it is the source's: such as do not say what they hold, hold what they held.
  private static func streams(_ source: PacketSource, _ format: UnsafePointer<AVOutputFormat>, isOwn: Bool)
    -> [Int?]
  {
    var count = 0
    return (0..<Int(source.handle.pointee.nb_streams)).map { index in
      guard let stream = source.handle.pointee.streams[index]?.pointee else { return nil }
      let parameters = stream.codecpar.pointee
      let isWanted =
        index == source.video || parameters.codec_type == AVMEDIA_TYPE_AUDIO
        || parameters.codec_type == AVMEDIA_TYPE_SUBTITLE
      let holds = ffmpeg.avformat_query_codec(format, parameters.codec_id, FF_COMPLIANCE_NORMAL)
      guard isWanted, holds > 0 || (isOwn && holds < 0) else { return nil }
      defer { count += 1 }
      return count
    }
  }
}

/// A piece of a video that is being written.
final class PieceWriter {
  private let handle: UnsafeMutablePointer<AVFormatContext>
  private let output: UnsafeMutablePointer<AVIOContext>
  private let source: PacketSource
  private let streams: [Int?]

  /// - Parameter descriptor: to be written to; it stays the caller's
  init(_ format: PieceFormat, _ source: PacketSource, timecode: String?, to descriptor: CInt) throws {
    var context: UnsafeMutablePointer<AVFormatContext>?
    guard ffmpeg.avformat_alloc_output_context2(&context, format.handle, nil, nil) >= 0, let context else {
      throw PieceError(code: ENOMEM)
    }
    guard let output = narrate_av_output(ffmpeg, descriptor) else {
      ffmpeg.avformat_free_context(context)
      throw PieceError(code: ENOMEM)
    }
    context.pointee.pb = output
    (handle, self.output, self.source, streams) = (context, output, source, format.streams)
    // From here on `deinit` frees them, also where this throws.
    for (index, number) in streams.enumerated() where number != nil {
      guard let stream = source.handle.pointee.streams[index] else { continue }
      try add(stream, isOwn: format.isOwn, timecode: index == source.video ? timecode : nil)
    }
    try check(ffmpeg.avformat_write_header(handle, nil))
  }

  deinit {
    ffmpeg.avformat_free_context(handle)
    ffmpeg.av_free(output.pointee.buffer)
    var context: UnsafeMutablePointer<AVIOContext>? = output
    ffmpeg.avio_context_free(&context)
  }

  private func add(_ stream: UnsafeMutablePointer<AVStream>, isOwn: Bool, timecode: String?) throws {
    guard let copy = ffmpeg.avformat_new_stream(handle, nil),
      ffmpeg.avcodec_parameters_copy(copy.pointee.codecpar, stream.pointee.codecpar) >= 0,
      narrate_av_copy_side_data(ffmpeg, stream, copy),
      ffmpeg.av_dict_copy(&copy.pointee.metadata, stream.pointee.metadata, 0) >= 0
    else { throw PieceError(code: ENOMEM) }
    if !isOwn {
      let parameters = stream.pointee.codecpar.pointee
      copy.pointee.codecpar.pointee.codec_tag =
        parameters.codec_id == AV_CODEC_ID_RAWVIDEO
        ? ffmpeg.avcodec_pix_fmt_to_codec_tag(AVPixelFormat(parameters.format)) : 0
    }
    copy.pointee.time_base = stream.pointee.time_base
    copy.pointee.avg_frame_rate = stream.pointee.avg_frame_rate
    copy.pointee.sample_aspect_ratio = stream.pointee.sample_aspect_ratio
    copy.pointee.disposition = stream.pointee.disposition
    // Those of the whole file.
    _ = ffmpeg.av_dict_set(&copy.pointee.metadata, "DURATION", nil, 0)
    _ = ffmpeg.av_dict_set(&copy.pointee.metadata, "timecode", timecode, 0)
  }

  /// Takes a packet of the source, of which nothing is left.
  /// - Parameter shift: seconds that it comes earlier than in the source
  func write(_ packet: UnsafeMutablePointer<AVPacket>, earlier shift: Double) throws {
    let index = Int(packet.pointee.stream_index)
    guard let number = streams[index], let from = source.handle.pointee.streams[index],
      let to = handle.pointee.streams[number]
    else { return }
    let ticks = Int64(exactly: (shift / source.secondsPerTick(index)).rounded()) ?? 0
    // Numbers of files must not overflow.
    if packet.pointee.pts != narrate_av_no_time() { packet.pointee.pts &-= ticks }
    if packet.pointee.dts != narrate_av_no_time() { packet.pointee.dts &-= ticks }
    packet.pointee.pos = -1
    packet.pointee.stream_index = Int32(number)
    ffmpeg.av_packet_rescale_ts(packet, from.pointee.time_base, to.pointee.time_base)
    try check(ffmpeg.av_interleaved_write_frame(handle, packet))
  }

  /// Writes what is left, and what stands at a file's end.
  func finish() throws { try check(ffmpeg.av_write_trailer(handle)) }

  private func check(_ status: Int32) throws {
    if output.pointee.error < 0 { throw PieceError(code: -output.pointee.error) }
    if status < 0 {
      throw MediaError.undecodable(path: source.path, reason: "cannot be split: " + avMessage(status))
    }
  }
}
