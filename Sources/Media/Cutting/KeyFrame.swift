/// A frame that can be decoded without others: where a video may be cut.
package struct KeyFrame: Sendable, Hashable {
  /// In seconds, by the file's presentation times.
  package let time: Double
  /// The same in ticks of its stream.
  let ticks: Int64
  /// Whether nothing that is shown before it needs it: frames that do are lost in a cut.
  package internal(set) var isClosed = true

  init(time: Double, ticks: Int64) { (self.time, self.ticks) = (time, ticks) }

  /// Of a stream that counts milliseconds.
  package init(time: Double, isClosed: Bool = true) {
    self.init(time: time, ticks: Int64(Int(bounded: time * 1000)))
    self.isClosed = isClosed
  }
}

/// Where a video is cut: at a key frame in the place of what was wanted.
package struct PlacedCut: Sendable, Hashable {
  /// In seconds, by the file's presentation times.
  package let wanted: Double
  package let keyFrame: KeyFrame

  /// Seconds that the cut is later than wanted; below zero, earlier.
  package var offset: Double { keyFrame.time - wanted }

  /// The nearest key frames, those with nothing to lose rather than others.
  /// - Parameters:
  ///   - wanted: in seconds, ascending
  ///   - keyFrames: ascending
  /// - Returns: ascending; where several are nearest to one key frame the closest. The first key frame is where the video begins
  ///   and no cut.
  package static func nearest(to wanted: [Double], among keyFrames: [KeyFrame]) -> [PlacedCut] {
    let later = keyFrames.dropFirst()
    let closed = later.filter(\.isClosed)
    let candidates = keyFrames.prefix(1) + (closed.isEmpty ? Array(later) : closed)
    guard let first = candidates.first else { return [] }
    var cuts: [PlacedCut] = []
    var next = candidates.startIndex
    for time in wanted {
      while next < candidates.endIndex, candidates[next].time < time { next += 1 }
      let around = candidates[max(candidates.startIndex, next - 1)..<min(next + 1, candidates.endIndex)]
      guard let nearest = around.min(by: { abs($0.time - time) < abs($1.time - time) }), nearest != first
      else { continue }
      let cut = PlacedCut(wanted: time, keyFrame: nearest)
      if let last = cuts.last, last.keyFrame == nearest {
        if abs(cut.offset) < abs(last.offset) { cuts[cuts.count - 1] = cut }
      } else {
        cuts.append(cut)
      }
    }
    return cuts
  }
}
