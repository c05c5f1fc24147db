import CFFmpeg

/// The packets of a file, one after the other, without decoding them.
final class PacketSource {
  let path: String
  private let container: Container
  private let packet = Packet()
  /// The stream that is looked at.
  let video: Int

  /// - Throws: `MediaError` where there is no video in it.
  init(_ path: String, _ options: VideoOptions) throws(MediaError) {
    let file = try RegularFile(path: path)
    container = try Container(file)
    self.path = path
    try container.findStreams(options, path: path)
    let index = ffmpeg.av_find_best_stream(container.handle, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
    guard index >= 0, let stream = container.handle.pointee.streams[Int(index)],
      stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
    else { throw .unsupported(path: path, reason: "no video in it") }
    video = Int(index)
  }

  var handle: UnsafeMutablePointer<AVFormatContext> { container.handle }

  /// FFmpeg's name of the format.
  var format: String { String(cString: handle.pointee.iformat.pointee.name) }

  /// Whether QuickTime wrote it, and not one of the formats made after that.
  var isQuickTime: Bool {
    guard let brand = ffmpeg.av_dict_get(handle.pointee.metadata, "major_brand", nil, 0) else { return false }
    return String(cString: brand.pointee.value).hasPrefix("qt")
  }

  /// When the file begins, in seconds.
  var start: Double { MediaTime.seconds(microseconds: handle.pointee.start_time) ?? 0 }

  func secondsPerTick(_ stream: Int) -> Double {
    handle.pointee.streams[stream]?.pointee.time_base.seconds ?? 0
  }

  /// The next packet, until there is another; nil at the end, or where the rest cannot be read.
  func next() -> UnsafeMutablePointer<AVPacket>? {
    ffmpeg.av_packet_unref(packet.handle)
    return ffmpeg.av_read_frame(container.handle, packet.handle) >= 0 ? packet.handle : nil
  }
}

extension UnsafeMutablePointer<AVPacket> {
  /// When it is shown, in ticks; nil where the file does not say.
  var presentation: Int64? {
    [pointee.pts, pointee.dts].first { $0 != narrate_av_no_time() }
  }
}
