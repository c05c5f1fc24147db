/// Times that only go forward, from a file's presentation times. Where these jump back, as in recordings put one after the
/// other, what follows goes on from there.
package struct PresentationClock {
  /// Seconds back from which on it is another recording; less is a mistake of a frame's.
  static let jump = 0.5
  /// Seconds ahead from which on it is another recording, in streams whose times may begin anew anywhere.
  static let leap = 60.0
  /// Seconds after which MPEG's clock of 33 bits begins again (ISO/IEC 13818-1, 2.4.2).
  static let wrap = 0x1p33 / 90_000

  /// Whether a leap ahead is another recording, too.
  private let mayLeap: Bool
  private var offset = 0.0
  /// When the current frame is shown, in seconds; not before the one before it.
  package private(set) var time = -Double.infinity
  /// When the current frame ends.
  package private(set) var frameEnd = 0.0
  /// When the last of the frames so far ends.
  package private(set) var end = 0.0
  /// Whether times are still the file's own.
  package private(set) var isOriginal = true

  /// - Parameter mayLeap: of a stream such as MPEG-TS; elsewhere nothing is shown for so long.
  package init(mayLeap: Bool = false) { self.mayLeap = mayLeap }

  /// - Parameters:
  ///   - stamp: of the next frame, in seconds, as the file has it
  ///   - stampedEnd: when it ends, likewise
  /// - Returns: not before the last one.
  package mutating func advance(to stamp: Double, until stampedEnd: Double) -> Double {
    let ahead = stamp + offset - end
    if time.isFinite {
      if mayLeap, let turn = [-Self.wrap, Self.wrap].first(where: { abs(ahead - $0) < Self.leap }) {
        // The same recording, whose clock has begun again.
        move(to: offset - turn)
      } else if stamp + offset < time - Self.jump || (mayLeap && ahead > Self.leap) {
        move(to: end - stamp)
      }
    }
    // The sums of many jumps are bounded, too.
    time = max(time, MediaTime.bounded(stamp + offset))
    frameEnd = MediaTime.bounded(stampedEnd + offset)
    end = max(end, time, frameEnd)
    return time
  }

  private mutating func move(to offset: Double) { (self.offset, isOriginal) = (offset, false) }
}
