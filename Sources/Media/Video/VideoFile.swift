/// The frames of a video file, one after the other, with their presentation times. Not thread-safe: one instance a thread.
///
///     let video = try VideoFile(contentsOf: "clip.mp4")
///     while let time = try video.advance() { use(try video.image(), at: time) }
package final class VideoFile {
  /// As the caller gave it.
  package let path: String
  private let options: VideoOptions
  private let source: any FrameSource

  /// Opens a file and its decoder.
  /// - Parameter sandbox: where it is decoded; nil is this process
  /// - Throws: `MediaError` when there is no video in it, or none that can be decoded.
  package init(
    contentsOf path: String, options: VideoOptions = .init(), in sandbox: DecodingSandbox? = .current
  ) throws(MediaError) {
    (self.path, self.options) = (path, options)
    let file = try RegularFile(path: path)
    if let sandbox {
      source = try sandbox.video(file, options)
    } else {
      source = try VideoReader(file, options: options)
    }
  }

  /// Opens the same file from its beginning, in the same way.
  package func reopened() throws(MediaError) -> VideoFile {
    try VideoFile(contentsOf: path, options: options)
  }

  /// Upright width of the first frames with square pixels.
  package var width: Int { source.facts.width }

  /// Upright height of the first frames.
  package var height: Int { source.facts.height }

  /// Seconds from one frame to the next, on the average; 0 where unknown.
  package var frameLength: Double { source.facts.frameLength }

  /// Seconds, as the container says, but not much longer than the pictures; nil where it does not.
  package var duration: Double? { source.facts.duration }

  /// When the file ends, in seconds by its presentation times, as the container says, but not much later than the pictures; nil
  /// where it does not.
  package var end: Double? { source.facts.end }

  /// Seconds of the video alone, as the container says; nil where it does not.
  package var streamDuration: Double? { source.facts.streamDuration }

  /// Whether the file is a single picture, by its format.
  package var isPicture: Bool { source.facts.isPicture }

  /// Whether times may begin anew anywhere, as in transport streams that were put one after the other.
  package var mayJump: Bool { source.facts.mayJump }

  /// What its times are counted by.
  package var clock: ClockFacts { source.facts.clock }

  /// When the current frame ends: its time and length, in seconds.
  package var currentEnd: Double { source.position.currentEnd }

  /// When the last frame ends that was read so far, decoded or not, in seconds.
  package var lastEnd: Double { source.position.lastEnd }

  /// Frames and packets that could not be decoded so far.
  package var damagedFrames: Int { source.position.damagedFrames }

  /// How much of the file has been read, 0 to 1.
  package var shareRead: Double { source.position.shareRead }

  /// Decodes the next frame.
  /// - Returns: its presentation time in seconds as the file has it, or nil after the last frame.
  package func advance() throws(MediaError) -> Double? { try source.advance() }

  /// The current frame: upright, with square pixels, RGB, shrunk as the options say.
  /// - Precondition: `advance` has returned a time.
  package func image() throws(MediaError) -> Image { try image(coveringSide: options.coveringSide) }

  /// The same, shrunk until the shorter side has `coveringSide` pixels; nil is the full size.
  package func image(coveringSide: Int?) throws(MediaError) -> Image {
    try source.image(coveringSide: coveringSide)
  }

  /// Jumps where that spares decoding: to the last key frame at or before `time`, if that lies ahead. `advance` then goes
  /// on from there, so frames before `time` may still come, also such as have come already.
  /// - Returns: whether it jumped.
  @discardableResult
  package func skip(to time: Double) -> Bool { source.skip(to: time) }
}
