/// What a video file says of itself.
struct VideoFacts {
  /// Upright, of the first frames with square pixels.
  var width, height: Int
  /// Seconds from one frame to the next, on the average; 0 where unknown.
  var frameLength: Double
  /// Seconds, as the container says, but not much longer than the pictures; nil where it does not.
  var duration: Double?
  /// When the file ends, likewise.
  var end: Double?
  /// Seconds of the video alone, as the container says; nil where it does not.
  var streamDuration: Double?
  /// Whether the file is a single picture, by its format.
  var isPicture: Bool
  /// Whether times may begin anew anywhere.
  var mayJump: Bool
  var clock: ClockFacts
}

extension VideoFacts {
  init(
    width: Int, height: Int, frameLength: Double, _ length: VideoLength, isPicture: Bool, mayJump: Bool,
    clock: ClockFacts
  ) {
    (self.width, self.height, self.frameLength) = (width, height, frameLength)
    (end, streamDuration) = (length.end, length.stream)
    if let end, let fileEnd = length.fileEnd {
      duration = length.file.map { $0 - (fileEnd - end) }
    } else {
      duration = length.file
    }
    (self.isPicture, self.mayJump, self.clock) = (isPicture, mayJump, clock)
  }
}

/// How far a video has been read.
struct VideoPosition {
  /// When the current frame ends, in seconds.
  var currentEnd: Double
  /// When the last frame ends that was read so far, decoded or not, in seconds.
  var lastEnd: Double
  /// Frames and packets that could not be decoded so far.
  var damagedFrames: Int
  /// How much of the file has been read, 0 to 1.
  var shareRead: Double
}

/// What decodes a video: this process (`VideoReader`) or a confined one (`ConfinedVideo`). See `VideoFile` for what each does.
protocol FrameSource: AnyObject {
  var facts: VideoFacts { get }
  var position: VideoPosition { get }

  func advance() throws(MediaError) -> Double?
  func image(coveringSide: Int?) throws(MediaError) -> Image
  func skip(to time: Double) -> Bool
}
