/// From each frame's probabilities to transitions, frame by frame.
package struct TransitionDecoder {
  /// No transition, then the kinds.
  package static let classes = 1 + TransitionKind.allCases.count
  /// Frames of the shortest transition that is no cut.
  private static let shortest = 3

  /// Frames one after the other that are in a transition.
  private struct Run {
    let first: Int
    /// The one before, nil at the video's beginning, and its own.
    let before: Thumbnail?
    var frames: [Thumbnail] = []
    /// Of each kind, the sum of its probabilities.
    var masses = [Float](repeating: 0, count: TransitionDecoder.classes - 1)
    var peak: Float = 0
    var peakFrame = 0
  }

  private let threshold: Float
  private var run: Run?
  /// Whether the frames are of a run that lasts longer than any transition.
  private var isTooLong = false
  private var before: Thumbnail?
  private var frame = 0
  package private(set) var transitions: [Transition] = []

  /// Frames of which it is known whether a transition begins there. `Transition.longest` behind the last, at most.
  package var settled: Int { run?.first ?? frame }

  /// - Parameter threshold: the least probability, all kinds together, of a frame in a transition.
  package init(threshold: Float) { self.threshold = threshold }

  /// - Parameter probabilities: [classes] of the next frame
  package mutating func append(_ probabilities: UnsafeBufferPointer<Float>, _ thumbnail: Thumbnail) {
    precondition(probabilities.count == Self.classes)
    let inside = 1 - probabilities[0]
    if inside < threshold {
      close(after: thumbnail)
      isTooLong = false
    } else if !isTooLong {
      var now = run ?? Run(first: frame, before: before)
      run = nil
      for kind in now.masses.indices { now.masses[kind] += probabilities[kind + 1] }
      if inside > now.peak { (now.peak, now.peakFrame) = (inside, frame) }
      now.frames.append(thumbnail)
      isTooLong = now.frames.count > Transition.longest
      if !isTooLong { run = now }
    }
    before = thumbnail
    frame += 1
  }

  /// Ends with what has begun.
  package mutating func finish() { close(after: nil) }

  /// - Parameter after: the frame after the run; nil at the video's end.
  private mutating func close(after: Thumbnail?) {
    guard let done = run else { return }
    run = nil
    let best = done.masses.indices.max { done.masses[$0] < done.masses[$1] } ?? 0
    let kind = TransitionKind.allCases[best]
    if kind == .cut {
      // Nothing goes over into a shot at the first frame of a video.
      guard done.peakFrame > 0 else { return }
      transitions.append(
        Transition(.cut, first: done.peakFrame, end: done.peakFrame, confidence: done.peak))
    } else if let before = done.before, let after, done.frames.count >= Self.shortest {
      // What a video begins or ends with goes over from or into nothing.
      let middle = done.frames[(done.frames.count - 1) / 2]
      guard kind != .dissolve || DissolveTest.holds(before: before, middle: middle, after: after) else {
        return
      }
      transitions.append(Transition(kind, first: done.first, end: frame, confidence: done.peak))
    }
  }
}
