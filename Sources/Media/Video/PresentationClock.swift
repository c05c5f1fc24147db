/// Times that only go forward, from a file's presentation times. Where these jump back, as in recordings put one after the
/// other, what follows goes on from there.
package struct PresentationClock {
  /// Seconds back from which on it is another recording; less is a mistake of a frame's.
  private static let jump = 0.5

  private var offset = 0.0
  private var last = -Double.infinity
  /// When the current frame ends.
  package private(set) var end = 0.0

  package init() {}

  /// - Parameters:
  ///   - time: of the next frame, in seconds
  ///   - frameEnd: when it ends
  /// - Returns: not before the last one.
  package mutating func advance(to time: Double, until frameEnd: Double) -> Double {
    if time + offset < last - Self.jump { offset = end - time }
    last = max(last, time + offset)
    end = max(end, last, frameEnd + offset)
    return last
  }

  /// Whether times are still the file's own.
  package var isOriginal: Bool { offset == 0 }
}
