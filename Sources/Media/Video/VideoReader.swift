import CFFmpeg

/// Decodes the frames of a video in this process, on FFmpeg's libraries. Only the current frame is kept.
final class VideoReader: FrameSource {
  let facts: VideoFacts
  private let path: String
  private var damagedFrames = 0
  private var currentEnd = 0.0
  private var lastEnd = 0.0
  private let options: VideoOptions
  private let container: Container
  private let decoder: Decoder
  private let stream: UnsafeMutablePointer<AVStream>
  private let packet: Packet
  private let frame: RawFrame
  private let orientation: Orientation
  /// Whether the decoder takes as much memory as frames ask for.
  private let isUnbounded: Bool
  /// By the side that they shrink to.
  private var converters: [Int?: FrameConverter] = [:]
  private let secondsPerTick: Double
  private var isDraining = false
  /// Where the last jump went, in ticks.
  private var lastJump = Int64.min
  /// Presentation time of the current frame, in seconds.
  private var time: Double?

  /// Opens the decoder of a file.
  /// - Throws: `MediaError` when there is no video in it, or none that can be decoded.
  init(_ file: borrowing RegularFile, options: VideoOptions) throws(MediaError) {
    let path = file.path
    _ = try file.kind()
    // First: it sees to it that FFmpeg is there.
    container = try Container(file)
    packet = Packet()
    frame = RawFrame()
    try container.findStreams(options, path: path)
    let codec: UnsafePointer<AVCodec>
    (stream, codec) = try container.video(options, path: path)
    isUnbounded = String(cString: codec.pointee.name).hasPrefix("libvpx")
    let parameters = stream.pointee.codecpar.pointee
    try options.check(width: Int(parameters.width), height: Int(parameters.height), path: path)
    guard parameters.width > 0, parameters.height > 0 else {
      throw .undecodable(path: path, reason: "a video without a size")
    }
    decoder = try Decoder(stream, codec, options, path: path)
    if options.skipsUnreferenced {
      decoder.handle.pointee.skip_frame = AVDISCARD_NONREF
      decoder.handle.pointee.skip_loop_filter = AVDISCARD_NONREF
    }
    (self.path, self.options) = (path, options)
    orientation =
      options.ignoresOrientation ? .up : Orientation(displayMatrix: narrate_av_display_matrix(ffmpeg, stream))
    let ratio = ffmpeg.av_guess_sample_aspect_ratio(container.handle, stream, nil)
    let size = FrameConverter.displaySize(parameters.width, parameters.height, ratio)
    let (width, height) = orientation.swapsSides ? (size.height, size.width) : size
    secondsPerTick = stream.pointee.time_base.seconds
    let rate = ffmpeg.av_guess_frame_rate(container.handle, stream, nil)
    facts = VideoFacts(
      width: width, height: height,
      frameLength: MediaTime.checked(1 / rate.seconds).flatMap { $0 > 0 ? $0 : nil } ?? 0,
      VideoLength(container, stream, microseconds: try container.microseconds(file)),
      isPicture: container.isPicture, mayJump: container.mayJump, clock: container.clock(of: stream))
  }

  var position: VideoPosition {
    VideoPosition(
      currentEnd: currentEnd, lastEnd: lastEnd, damagedFrames: damagedFrames, shareRead: container.shareRead)
  }

  func advance() throws(MediaError) -> Double? {
    while true {
      let status = ffmpeg.avcodec_receive_frame(decoder.handle, frame.handle)
      if decoder.exceedsMemory {
        throw .tooLarge(
          path: path, reason: "its frames take more than \(options.frameMemory >> 20) MB together")
      }
      if status >= 0 {
        if frame.handle.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 {
          damagedFrames += 1
          continue
        }
        return stamp()
      } else if status == narrate_av_end() {
        return nil
      } else if status == narrate_av_again() {
        feed()
      } else {
        damagedFrames += 1
        if isDraining { return nil }
        feed()
      }
    }
  }

  func image(coveringSide: Int?) throws(MediaError) -> Image {
    precondition(time != nil, "no current frame")
    let (wide, high) = (Int(frame.handle.pointee.width), Int(frame.handle.pointee.height))
    try options.check(width: wide, height: high, path: path)
    let converter =
      converters[coveringSide]
      ?? FrameConverter(
        path: path, coveringSide: coveringSide, orientation: orientation, pixelLimit: options.pixelLimit)
    converters[coveringSide] = converter
    return try converter.image(
      frame.handle, pixelRatio: ffmpeg.av_guess_sample_aspect_ratio(container.handle, stream, frame.handle))
  }

  func skip(to time: Double) -> Bool {
    // What is known of such a file's packets does not tell one recording's from another's.
    guard !facts.mayJump else { return false }
    let ticks = (time / secondsPerTick).rounded(.down)
    let target = Int64(exactly: ticks) ?? (ticks < 0 ? .min : .max)
    let index = ffmpeg.av_index_search_timestamp(stream, target, AVSEEK_FLAG_BACKWARD)
    guard index >= 0, let entry = ffmpeg.avformat_index_get_entry(stream, index) else { return false }
    // Packets that were read ahead would be read again.
    guard let landing = MediaTime.seconds(ticks: entry.pointee.timestamp, secondsPerTick),
      landing > (self.time ?? -.infinity) + 1
    else { return false }
    // Once for each: a file whose index and packets disagree would send us round and round.
    guard entry.pointee.timestamp > lastJump else { return false }
    lastJump = entry.pointee.timestamp
    guard
      ffmpeg.av_seek_frame(
        container.handle, stream.pointee.index, entry.pointee.timestamp, AVSEEK_FLAG_BACKWARD)
        >= 0
    else { return false }
    ffmpeg.avcodec_flush_buffers(decoder.handle)
    isDraining = false
    return true
  }

  /// Gives the decoder the next packet of the stream, or tells it that there are no more.
  private func feed() {
    guard !isDraining else { return }
    while true {
      let status = ffmpeg.av_read_frame(container.handle, packet.handle)
      guard status >= 0 else {
        if status != narrate_av_end() { damagedFrames += 1 }
        isDraining = true
        _ = ffmpeg.avcodec_send_packet(decoder.handle, nil)
        return
      }
      defer { ffmpeg.av_packet_unref(packet.handle) }
      guard packet.handle.pointee.stream_index == stream.pointee.index else { continue }
      let read = packet.handle.pointee
      if let end = MediaTime.seconds(ticks: read.pts, later: read.duration, secondsPerTick) {
        lastEnd = max(lastEnd, end)
      }
      let isTooLarge =
        isUnbounded && !options.fitsUnbounded(packet.codedSize(stream.pointee.codecpar.pointee.codec_id))
      if isTooLarge || ffmpeg.avcodec_send_packet(decoder.handle, packet.handle) < 0 {
        damagedFrames += 1
        continue
      }
      return
    }
  }

  /// Sets the time of the frame just decoded; one without a stamp follows on the one before.
  private func stamp() -> Double {
    let now =
      MediaTime.seconds(ticks: frame.handle.pointee.best_effort_timestamp, secondsPerTick) ?? currentEnd
    let length = MediaTime.seconds(ticks: narrate_av_frame_duration(frame.handle), secondsPerTick) ?? 0
    time = now
    currentEnd = MediaTime.bounded(now + (length > 0 ? length : facts.frameLength))
    lastEnd = max(lastEnd, currentEnd)
    return now
  }
}
