/// From each frame's probabilities to transitions, frame by frame.
package struct TransitionDecoder {
  /// No transition, then the kinds.
  package static let classes = 1 + TransitionKind.allCases.count

  private let threshold: Float
  private var run: (first: Int, masses: [Float], peak: Float, peakFrame: Int)?
  private var frame = 0
  package private(set) var transitions: [Transition] = []

  /// Frames of which it is known whether a transition begins there.
  package var settled: Int { run?.first ?? frame }

  /// - Parameter threshold: the least probability, all kinds together, of a frame in a transition.
  package init(threshold: Float) { self.threshold = threshold }

  /// - Parameter probabilities: [classes] of the next frame
  package mutating func append(_ probabilities: UnsafeBufferPointer<Float>) {
    precondition(probabilities.count == Self.classes)
    let inside = 1 - probabilities[0]
    if inside >= threshold {
      var now = run ?? (frame, Array(repeating: 0, count: Self.classes - 1), 0, frame)
      for kind in now.masses.indices { now.masses[kind] += probabilities[kind + 1] }
      if inside > now.peak { (now.peak, now.peakFrame) = (inside, frame) }
      run = now
    } else {
      close()
    }
    frame += 1
  }

  /// Ends with what has begun.
  package mutating func finish() { close() }

  private mutating func close() {
    guard let done = run else { return }
    run = nil
    let best = done.masses.indices.max { done.masses[$0] < done.masses[$1] } ?? 0
    let kind = TransitionKind.allCases[best]
    // Nothing goes over into a shot at the first frame of a video.
    guard frame > 1, done.peakFrame > 0 else { return }
    transitions.append(
      kind == .cut
        ? Transition(.cut, first: done.peakFrame, end: done.peakFrame, confidence: done.peak)
        : Transition(kind, first: done.first, end: frame, confidence: done.peak))
  }
}
