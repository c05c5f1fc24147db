import Media
import Models

/// Sentences for a stretch of a video.
public struct ClipCaption: Sendable, Equatable, Codable {
  /// Seconds, by the file's presentation times.
  public let start: Double
  /// Seconds, by the file's presentation times.
  public let end: Double
  /// Best first, at least one.
  public let captions: [Caption]

  package init(start: Double, end: Double, captions: [Caption]) {
    (self.start, self.end, self.captions) = (start, end, captions)
  }

  /// What an outsider is given.
  var published: ClipCaption {
    ClipCaption(start: start, end: end, captions: captions.map(\.published))
  }
}

extension CaptionEngine {
  /// Captions a video in one pass over it, from frames in the middles of equal parts: the whole of it, or stretch by stretch.
  /// - Parameters:
  ///   - every: seconds of a stretch, 0.1 to 86,400; nil is one caption for the whole.
  ///   - progress: told the seconds done and the video's length, if known; may throw to stop.
  ///   - each: given the captions as they come, in order of time, with the frames that were looked at; at least one.
  /// - Throws: `MediaError` when there is no frame to be looked at, `OptionError` for an option that cannot be.
  package func caption(
    _ video: VideoFile, every: Double? = nil, options: CaptionOptions = CaptionOptions(),
    progress: @escaping (_ seconds: Double, _ duration: Double?) throws -> Void = { _, _ in },
    each: (_ clip: ClipCaption, _ frames: [Image]) throws -> Void
  ) throws {
    try options.check()
    if let every { try OptionError.check(every, in: CaptionOptions.stretches, "every") }
    let stream = FrameStream(video, progress: progress)
    let start = try stream.first()
    let length = try every ?? video.end.map { $0 - start } ?? Self.length(of: video.path)
    let part = max(length / Double(framesPerClip), 1e-3)
    var (stretch, next, frames) = (0, 0, [Image]())
    // What a stretch is told by that has no other frame: the last one may be short, a file shorter than it claims.
    var opening = try stream.image()
    func finish(at end: Double) throws {
      let begin = start + Double(stretch) * length
      let chosen = frames.isEmpty ? [opening] : frames
      try each(
        ClipCaption(start: begin, end: max(begin, end), captions: caption(chosen, options: options)), chosen)
    }
    var time = Optional(start)
    while let now = time {
      let current = every == nil ? 0 : Int(bounded: (now - start) / length + 1e-6)
      if current > stretch {
        try finish(at: start + Double(stretch + 1) * length)
        (stretch, next, frames, opening) = (current, current * framesPerClip, [], try stream.image())
      }
      let due = start + (Double(next) + 0.5) * part
      if now < due - 1e-6 {
        stream.skip(to: due)
      } else {
        frames.append(try stream.image())
        next = Int(bounded: (now - start) / part - 0.5 + 1e-6) + 1
        if every == nil, next >= framesPerClip { break }
      }
      time = try stream.next()
    }
    try finish(at: every == nil ? start + length : min(start + Double(stretch + 1) * length, stream.end))
  }

  /// Seconds of a video whose container does not say.
  private static func length(of path: String) throws -> Double {
    let stream = try FrameStream(contentsOf: path)
    let start = try stream.first()
    while try stream.next() != nil {}
    return stream.end - start
  }
}
