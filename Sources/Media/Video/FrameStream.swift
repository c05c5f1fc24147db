/// The frames of a video one after the other, with times that only go forward: what a job that looks at a video reads it by.
/// It skips ahead where that spares decoding, tells how far it is, and can be stopped. Not thread-safe: one instance a thread.
///
///     let stream = try FrameStream(contentsOf: "clip.mp4")
///     while let time = try stream.next() { use(try stream.image(), at: time) }
package final class FrameStream {
  /// Told the seconds since the first frame and the video's length, if known; may throw to stop.
  package typealias Progress = (_ seconds: Double, _ duration: Double?) throws -> Void

  /// What the frames come from; it is not to be advanced by anybody else.
  package let video: VideoFile
  private let progress: Progress
  private var clock: PresentationClock
  /// When the first frame is shown, in seconds; nil before it.
  private var start: Double?
  /// After a jump ahead, frames up to this time come again.
  private var landing = -Double.infinity

  /// - Parameters:
  ///   - video: before its first frame
  ///   - progress: called for each frame before it is given
  package init(_ video: VideoFile, progress: @escaping Progress = { _, _ in }) {
    (self.video, self.progress) = (video, progress)
    clock = PresentationClock(mayLeap: video.mayJump)
  }

  /// Opens a file.
  package convenience init(contentsOf path: String, options: VideoOptions = .init()) throws(MediaError) {
    self.init(try VideoFile(contentsOf: path, options: options))
  }

  /// Decodes the first frame.
  /// - Returns: its time, as `next` does.
  /// - Throws: `MediaError.undecodable` where there is none, and what `next` throws.
  package func first() throws -> Double {
    guard let time = try next() else {
      throw MediaError.undecodable(path: video.path, reason: "no frame in it")
    }
    return time
  }

  /// Decodes the next frame.
  /// - Returns: its time in seconds, not before the last one's, or nil after the last frame.
  /// - Throws: `MediaError`, and what the progress throws.
  package func next() throws -> Double? {
    var last = -Double.infinity
    while let stamp = try video.advance() {
      // Behind the landing there may be another recording, whose times begin anew.
      guard stamp > landing || stamp < last - PresentationClock.jump else {
        last = max(last, stamp)
        continue
      }
      landing = -.infinity
      let time = clock.advance(to: stamp, until: video.currentEnd)
      let start = start ?? time
      self.start = start
      try progress(time - start, video.duration)
      return time
    }
    return nil
  }

  /// Jumps where that spares decoding: to the last key frame at or before `time`, if that lies ahead. No frame comes twice.
  package func skip(to time: Double) {
    // After a jump back the file's index does not tell one recording's times from another's.
    if clock.isOriginal, video.skip(to: time) { landing = clock.time }
  }

  /// The current frame: see `VideoFile`.
  package func image() throws(MediaError) -> Image { try video.image() }

  /// The same, shrunk until the shorter side has `coveringSide` pixels.
  package func image(coveringSide: Int) throws(MediaError) -> Image {
    try video.image(coveringSide: coveringSide)
  }

  /// When the current frame ends, in seconds.
  package var currentEnd: Double { clock.frameEnd }

  /// When the last frame ends that was read so far, in seconds. One that cannot be decoded counts too, as long as the times are
  /// the file's own.
  package var end: Double {
    // Frames of another recording count only when they are shown.
    let isOwn = clock.isOriginal && (!video.mayJump || video.lastEnd - clock.end < PresentationClock.leap)
    return isOwn ? max(video.lastEnd, clock.end) : clock.end
  }
}
