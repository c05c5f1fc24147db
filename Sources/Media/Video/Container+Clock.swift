import CFFmpeg

extension Container {
  /// Characters of a timecode, at most.
  private static let timecodeLength = 16

  /// What the times of a video are counted by.
  func clock(of stream: UnsafeMutablePointer<AVStream>) -> ClockFacts {
    let rate = ffmpeg.av_guess_frame_rate(handle, stream, nil)
    return ClockFacts(
      tick: Fraction(stream.pointee.time_base), frameRate: Fraction(rate), timecode: timecode(of: stream),
      sound: sound)
  }

  /// Its own, or a track's of its own, as QuickTime's; or the file's.
  private func timecode(of stream: UnsafeMutablePointer<AVStream>) -> String? {
    let streams = (0..<Int(handle.pointee.nb_streams)).compactMap { handle.pointee.streams[$0] }
    let places = [stream.pointee.metadata] + streams.map(\.pointee.metadata) + [handle.pointee.metadata]
    for place in places {
      guard let entry = ffmpeg.av_dict_get(place, "timecode", nil, 0) else { continue }
      let text = String(cString: entry.pointee.value)
      if !text.isEmpty, text.utf8.count <= Self.timecodeLength { return text }
    }
    return nil
  }

  /// Of the sound that a player would choose.
  private var sound: ClockFacts.Sound? {
    let index = ffmpeg.av_find_best_stream(handle, AVMEDIA_TYPE_AUDIO, -1, -1, nil, 0)
    guard index >= 0, let parameters = handle.pointee.streams[Int(index)]?.pointee.codecpar.pointee,
      parameters.ch_layout.nb_channels > 0, parameters.sample_rate > 0
    else { return nil }
    return ClockFacts.Sound(
      channels: Int(parameters.ch_layout.nb_channels), rate: Int(parameters.sample_rate))
  }
}

extension Fraction {
  fileprivate init?(_ ratio: AVRational) { self.init(Int(ratio.num), Int(ratio.den)) }
}
