/// Times that only go forward, from a file's presentation times. Where these jump back, as in recordings put one after the
/// other, what follows goes on from there.
package struct PresentationClock {
  /// Seconds back from which on it is another recording; less is a mistake of a frame's.
  static let jump = 0.5

  private var offset = 0.0
  /// When the current frame is shown, in seconds; not before the one before it.
  package private(set) var time = -Double.infinity
  /// When the current frame ends.
  package private(set) var frameEnd = 0.0
  /// When the last of the frames so far ends.
  package private(set) var end = 0.0

  package init() {}

  /// - Parameters:
  ///   - stamp: of the next frame, in seconds, as the file has it
  ///   - stampedEnd: when it ends, likewise
  /// - Returns: not before the last one.
  package mutating func advance(to stamp: Double, until stampedEnd: Double) -> Double {
    if stamp + offset < time - Self.jump { offset = end - stamp }
    // The sums of many jumps are bounded, too.
    time = max(time, MediaTime.bounded(stamp + offset))
    frameEnd = MediaTime.bounded(stampedEnd + offset)
    end = max(end, time, frameEnd)
    return time
  }

  /// Whether times are still the file's own.
  package var isOriginal: Bool { offset == 0 }
}
