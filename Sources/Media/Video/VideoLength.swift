import CFFmpeg

/// How long a video is, by all that its file says: the container, which may speak of sound that goes on after the pictures or
/// claim what it likes, the stream, and the index of the frames.
package struct VideoLength {
  /// Seconds of the whole file, as the container says; nil where it does not.
  let file: Double?
  /// When the file ends, by its presentation times, as the container says; nil where it does not.
  let fileEnd: Double?
  /// Seconds of the pictures, as the stream says; nil where it does not.
  let stream: Double?
  /// When the pictures end, by their presentation times; nil where only the container says so.
  let picturesEnd: Double?

  /// Seconds, and a share of the whole, that two lengths of the same video may differ by: sound seldom ends with the pictures.
  private static let tolerance = (seconds: 0.3, share: 0.02)

  /// Whether a length that was claimed is too long, when the true one is known.
  package static func exceeds(_ claimed: Double, _ length: Double) -> Bool {
    claimed - length > max(tolerance.seconds, tolerance.share * length)
  }

  /// - Parameter microseconds: of the container; 0 or less where it does not say
  init(_ container: borrowing Container, _ stream: UnsafeMutablePointer<AVStream>, microseconds: Int64) {
    let start = container.handle.pointee.start_time
    file = microseconds > 0 ? MediaTime.seconds(microseconds: microseconds) : nil
    fileEnd = microseconds > 0 ? MediaTime.seconds(microseconds: start, later: microseconds) : nil
    let secondsPerTick = stream.pointee.time_base.seconds
    let length = MediaTime.seconds(ticks: stream.pointee.duration, secondsPerTick) ?? 0
    self.stream = length > 0 ? length : nil
    let said =
      Self.taggedEnd(stream)
      ?? self.stream.flatMap { length in
        MediaTime.seconds(ticks: stream.pointee.start_time, secondsPerTick).map { $0 + length }
      }
    let indexed = Self.indexedEnd(stream, secondsPerTick)
    // The index is true; but it tells times of decoding, by which frames of unequal length end too early.
    picturesEnd =
      if let said, let indexed { Self.exceeds(said, indexed) ? indexed : max(said, indexed) } else {
        said ?? indexed
      }
  }

  /// When the pictures end, and the file where they go on to nearly its end or nothing is known of them.
  var end: Double? {
    guard let fileEnd, let picturesEnd, let file, Self.exceeds(file, file - (fileEnd - picturesEnd)) else {
      return fileEnd
    }
    return picturesEnd
  }

  /// By an index that has every frame, such as an MP4 file's.
  private static func indexedEnd(_ stream: UnsafeMutablePointer<AVStream>, _ secondsPerTick: Double)
    -> Double?
  {
    let count = ffmpeg.avformat_index_get_entries_count(stream)
    guard count > 1, stream.pointee.nb_frames > 1, Int64(count) >= stream.pointee.nb_frames,
      let first = ffmpeg.avformat_index_get_entry(stream, 0)?.pointee.timestamp,
      let last = ffmpeg.avformat_index_get_entry(stream, count - 1)?.pointee.timestamp,
      let before = ffmpeg.avformat_index_get_entry(stream, count - 2)?.pointee.timestamp,
      let start = MediaTime.seconds(ticks: stream.pointee.start_time, secondsPerTick)
    else { return nil }
    // They are in the order of decoding, which begins and ends earlier by the same.
    let ticks = Double(last) - Double(first) + (Double(last) - Double(before))
    return MediaTime.checked(start + ticks * secondsPerTick)
  }

  /// By what programs note in Matroska files: `DURATION`, as in `00:00:12.480000000`.
  private static func taggedEnd(_ stream: UnsafeMutablePointer<AVStream>) -> Double? {
    guard let tag = ffmpeg.av_dict_get(stream.pointee.metadata, "DURATION", nil, 0) else { return nil }
    let parts = String(cString: tag.pointee.value).split(separator: ":").map { Double($0) }
    guard parts.count == 3, let hours = parts[0], let minutes = parts[1], let seconds = parts[2] else {
      return nil
    }
    return MediaTime.checked(hours * 3600 + minutes * 60 + seconds).flatMap { $0 > 0 ? $0 : nil }
  }
}
