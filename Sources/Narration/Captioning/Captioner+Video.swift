import Media
import Models

/// Sentences for a stretch of a video.
public struct ClipCaption: Sendable {
  /// Seconds, by the file's presentation times.
  public let start: Double
  /// Seconds, by the file's presentation times.
  public let end: Double
  /// Best first, at least one.
  public let captions: [Caption]
  /// The frames that were looked at, in order of time.
  public let frames: [Image]
}

extension Captioner {
  /// Captions a video in one pass over it, from frames in the middles of equal parts: the whole of it, or stretch by stretch.
  /// - Parameters:
  ///   - every: seconds of a stretch; nil is one caption for the whole.
  ///   - progress: told the time reached and the video's length, if known, in seconds; may throw to stop.
  ///   - each: given the captions as they come, in order of time; at least one.
  /// - Throws: `MediaError` when there is no frame to be looked at.
  public func caption(
    _ video: VideoFile, every: Double? = nil, options: CaptionOptions = CaptionOptions(),
    progress: (_ time: Double, _ duration: Double?) throws -> Void = { _, _ in },
    each: (ClipCaption) throws -> Void
  ) throws {
    guard let start = try video.advance() else {
      throw MediaError.undecodable(path: video.path, reason: "no frame in it")
    }
    let length = try every ?? video.end.map { $0 - start } ?? Self.length(of: video.path)
    let part = max(length / Double(framesPerClip), 1e-3)
    var (stretch, next, frames) = (0, 0, [Image]())
    // What a stretch is told by that has no other frame: the last one may be short, a file shorter than it claims.
    var opening = try video.image()
    func finish(at end: Double) throws {
      let begin = start + Double(stretch) * length
      let chosen = frames.isEmpty ? [opening] : frames
      try each(
        ClipCaption(
          start: begin, end: max(begin, end), captions: caption(chosen, options: options), frames: chosen))
    }
    var time = Optional(start)
    while let now = time {
      try progress(now, video.duration)
      let place = every == nil ? 0 : Int(min((now - start) / length + 1e-6, 1e9))
      if place > stretch {
        try finish(at: start + Double(stretch + 1) * length)
        (stretch, next, frames, opening) = (place, place * framesPerClip, [], try video.image())
      }
      let due = start + (Double(next) + 0.5) * part
      if now < due - 1e-6 {
        video.skip(to: due)
      } else {
        frames.append(try video.image())
        next = Int(min((now - start) / part - 0.5 + 1e-6, 1e9)) + 1
        if every == nil, next >= framesPerClip { break }
      }
      time = try video.advance()
    }
    try finish(at: every == nil ? start + length : min(start + Double(stretch + 1) * length, video.lastEnd))
  }

  /// Seconds of a video whose container does not say.
  private static func length(of path: String) throws -> Double {
    let video = try VideoFile(contentsOf: path)
    guard let start = try video.advance() else { return 0 }
    while try video.advance() != nil {}
    return video.lastEnd - start
  }
}
