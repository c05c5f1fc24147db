/// How well something was followed: the one-pass evaluation of OTB (Wu, Lim and Yang 2013).
package struct TrackScore: Sendable, Equatable {
  /// The area under the curve of success: over the overlaps 0, 0.05 … 1, the mean share of frames that overlap the truth by more.
  package let success: Double
  /// The share of frames whose middle is within 20 pixels of the true one.
  package let precision: Double
  package let frames: Int

  package static let thresholds = (0...20).map { Double($0) / 20 }
  package static let distance = 20.0

  /// - Parameters:
  ///   - boxes: one for each frame
  ///   - truth: of the same frames; nil where it is not to be seen
  package init(_ boxes: [Box], truth: [Box?]) {
    let pairs = zip(boxes, truth).compactMap { box, truth in truth.map { (box, $0) } }
    let count = Double(max(pairs.count, 1))
    let overlaps = pairs.map { $0.overlap($1) }
    let shares = Self.thresholds.map { threshold in Double(overlaps.count { $0 > threshold }) / count }
    success = shares.reduce(0, +) / Double(shares.count)
    precision = Double(pairs.count { $0.distance($1) <= Self.distance }) / count
    frames = pairs.count
  }

  /// The mean over sequences, each of which counts the same.
  package init(meanOf scores: [TrackScore]) {
    let count = Double(max(scores.count, 1))
    success = scores.map(\.success).reduce(0, +) / count
    precision = scores.map(\.precision).reduce(0, +) / count
    frames = scores.map(\.frames).reduce(0, +)
  }
}
