/// How a video is decoded.
package struct VideoOptions: Sendable, Equatable {
  /// Longest side of a frame, in pixels.
  static let longestSide = 100_000

  /// Frames are shrunk until the shorter side has this many pixels; `nil` is the full size. Nothing is enlarged. Of a frame more
  /// than eight times as long as wide it has fewer.
  package var coveringSide: Int?
  /// Leaves frames as stored, whatever the display matrix says.
  package var ignoresOrientation = false
  /// Most pixels of a frame: more are `MediaError.tooLarge`.
  package var pixelLimit = 36_000_000
  /// Bytes of all frames that a decoder keeps at the same time, at most: more are `MediaError.tooLarge`. What a decoder notes of
  /// each (how its parts moved) comes on top, half as much or less.
  package var frameMemory = 256 << 20
  /// Leaves out frames that no other frame is decoded from: cheaper where only some are looked at. Those that come keep
  /// their times.
  package var skipsUnreferenced = false
  /// Threads that decode; fewer where frames are so large that there is no memory for those of all.
  package var threads = 1

  /// Upright, at most 36 megapixels a frame, one thread.
  package init(coveringSide: Int? = nil) { self.coveringSide = coveringSide }

  /// Whether a decoder to which no limit can be told may have frames of this size: it may keep a dozen of them, and as many of their
  /// alpha, at one and a half bytes a pixel.
  func fitsUnbounded(_ size: CodedSize) -> Bool {
    size.pixels * 36 * (size.isDeep ? 2 : 1) <= frameMemory
  }

  /// - Throws: `MediaError.tooLarge` for a frame beyond the limits.
  func check(width: Int, height: Int, path: String) throws(MediaError) {
    let pixels = width.multipliedReportingOverflow(by: height)
    guard !pixels.overflow, pixels.partialValue <= pixelLimit, max(width, height) <= Self.longestSide else {
      throw .tooLarge(
        path: path,
        reason: "\(width)×\(height) pixels; the limit is \(pixelLimit), and \(Self.longestSide) a side")
    }
  }
}
