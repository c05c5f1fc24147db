/// How one shot goes over into the next.
package enum TransitionKind: String, Sendable, CaseIterable, Codable {
  case cut, dissolve, fade, wipe
}

/// Where one shot goes over into the next, in frames counted from 0.
package struct Transition: Sendable, Equatable {
  /// Frames of the longest one, twice what the network has learned: what lasts longer is something that happens in a shot.
  package static let longest = 60

  package let kind: TransitionKind
  /// The first frame that is not of the old shot alone. Of a cut, the first frame of the new shot.
  package let first: Int
  /// The first frame of the new shot alone: `first` for a cut.
  package let end: Int
  /// From 0 to 1: how sure the detector is.
  package let confidence: Float

  package init(_ kind: TransitionKind, first: Int, end: Int, confidence: Float = 1) {
    precondition(first <= end)
    (self.kind, self.first, self.end, self.confidence) = (kind, first, end, confidence)
  }

  /// The frame from which on there is more of the new shot than of the old one.
  package var boundary: Int { (first + end) / 2 }
}
