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
  /// A second pass is made where it turns out to be much shorter or longer than it claims.
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
    if let every {
      try OptionError.check(every, in: CaptionOptions.stretches, "every")
      return try captionStretches(of: FrameStream(video, progress: progress), every, options, each)
    }
    var look = try ClipLook(video, framesPerClip, progress)
    if let length = look.trueLength, look.isFarFrom(length) {
      look = try ClipLook(video.reopened(), framesPerClip, length: length, progress)
    }
    let clip = ClipCaption(
      start: look.start, end: look.end, captions: try caption(look.frames, options: options))
    try each(clip, look.frames)
  }

  private func captionStretches(
    of stream: FrameStream, _ length: Double, _ options: CaptionOptions,
    _ each: (_ clip: ClipCaption, _ frames: [Image]) throws -> Void
  ) throws {
    let start = try stream.first()
    let part = max(length / Double(framesPerClip), 1e-3)
    var (stretch, next, frames) = (0, 0, [Image]())
    // What a stretch is told by that has no other frame: the last one may be short.
    var opening = try stream.image()
    func finish(at end: Double) throws {
      let begin = start + Double(stretch) * length
      let chosen = frames.isEmpty ? [opening] : frames
      try each(
        ClipCaption(start: begin, end: max(begin, end), captions: caption(chosen, options: options)), chosen)
    }
    var time = Optional(start)
    while let now = time {
      let current = Int(bounded: (now - start) / length + 1e-6)
      if current > stretch {
        // Its last frame is shown until now, also for longer than a stretch.
        try finish(at: start + Double(current) * length)
        (stretch, next, frames, opening) = (current, current * framesPerClip, [], try stream.image())
      }
      let due = start + (Double(next) + 0.5) * part
      if now < due - 1e-6 {
        stream.skip(to: due)
      } else {
        frames.append(try stream.image())
        next = Int(bounded: (now - start) / part - 0.5 + 1e-6) + 1
      }
      time = try stream.next()
    }
    try finish(at: stream.end)
  }
}

/// Frames from the middles of equal parts of a video.
private struct ClipLook {
  /// When the first frame is shown, in seconds.
  let start: Double
  /// Seconds that the parts were made of.
  private let length: Double
  private(set) var frames: [Image] = []
  /// Seconds of the pictures, if all were read.
  private(set) var trueLength: Double?
  /// When the pictures end, in seconds.
  private(set) var end = 0.0

  /// Of a transport stream, which may be several put one after the other, as much as this must have been read when nearly all
  /// of what it claims to last was.
  private static let shareRead = 0.8

  /// - Parameters:
  ///   - video: before its first frame
  ///   - length: seconds; nil is what the file claims.
  init(
    _ video: VideoFile, _ count: Int, length: Double? = nil, _ progress: @escaping FrameStream.Progress
  ) throws {
    let stream = FrameStream(video, progress: progress)
    start = try stream.first()
    let opening = try stream.image()
    self.length = try length ?? video.end.map { [start] in $0 - start } ?? Self.length(of: video)
    let part = max(self.length / Double(count), 1e-3)
    var (next, time) = (0, Optional(start))
    while let now = time {
      let due = start + (Double(next) + 0.5) * part
      if now < due - 1e-6 {
        stream.skip(to: due)
      } else {
        frames.append(try stream.image())
        next = Int(bounded: (now - start) / part - 0.5 + 1e-6) + 1
        if next >= count { break }
      }
      time = try stream.next()
    }
    if next >= count, length == nil, video.mayJump, video.shareRead < Self.shareRead {
      repeat { time = try stream.next() } while time != nil
    }
    if time == nil { trueLength = stream.end - start }
    end = max(start, start + (trueLength ?? self.length))
    // A file may be shorter than it claims.
    if frames.isEmpty { frames = [opening] }
  }

  /// Whether other frames would have been looked at, had the length been known.
  func isFarFrom(_ length: Double) -> Bool {
    VideoLength.exceeds(self.length, length) || VideoLength.exceeds(length, self.length)
  }

  /// Seconds of a video whose container does not say.
  private static func length(of video: VideoFile) throws -> Double {
    let stream = FrameStream(try video.reopened())
    let start = try stream.first()
    while try stream.next() != nil {}
    return stream.end - start
  }
}
