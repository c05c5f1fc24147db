/// Joins the windows' probabilities into segments: each stretch of one stride has the mean of the windows over it, and
/// neighbours with the same best label are one segment.
package struct LabelTimeline {
  private struct Stretch {
    var sums: [Double]
    var windows = 0
    /// Sampled frames that begin in it, with the sum of their weights.
    var attention: [Double: Double] = [:]
    /// When the first of them is shown, in seconds.
    var begin: Double? { attention.keys.min() }
  }

  private let labels: [String]
  /// Seconds.
  private let stride: Double
  private var stretches: [Stretch] = []

  package init(labels: [String], stride: Double) { (self.labels, self.stride) = (labels, stride) }

  package mutating func add(
    _ result: (probabilities: [Float], weights: [Float]), _ window: WindowSampler.Window, interval: Double
  ) {
    let first = Int((Double(window.firstSlot) * interval / stride).rounded(.down))
    let last = max(
      first, Int((Double(window.firstSlot + window.slots) * interval / stride - 1e-6).rounded(.down)))
    while stretches.count <= last { stretches.append(Stretch(sums: labels.map { _ in 0 })) }
    for index in first...last {
      stretches[index].windows += 1
      for label in labels.indices { stretches[index].sums[label] += Double(result.probabilities[label]) }
    }
    for (slot, (time, weight)) in zip(window.times, result.weights).enumerated() {
      let place = Double(window.firstSlot + slot * window.slots / window.times.count) * interval / stride
      stretches[min(last, Int(place + 1e-6))].attention[time, default: 0] += Double(weight)
    }
  }

  /// Each begins when a frame is shown, and ends where the next begins.
  /// - Parameters:
  ///   - start: when the first frame is shown, in seconds
  ///   - end: when the last one ends
  package func segments(from start: Double, to end: Double, _ options: LabelOptions) -> [Labeling.Segment] {
    var groups: [(range: Range<Int>, best: Int?)] = []
    for (index, stretch) in stretches.enumerated() {
      let means = mean(index..<index + 1)
      let top = means.indices.max { means[$0] < means[$1] } ?? 0
      let best = means[top] >= options.threshold ? top : nil
      if stretch.windows > 0, let last = groups.last, last.best == best {
        groups[groups.count - 1].range = last.range.lowerBound..<index + 1
      } else {
        groups.append((index..<index + 1, best))
      }
    }
    /// When the first frame of a stretch is shown.
    func begin(_ index: Int) -> Double {
      if index == 0 { return start }
      return index < stretches.count ? stretches[index].begin ?? start + Double(index) * stride : end
    }
    let segments = groups.map { group in
      let means = mean(group.range)
      let order = means.indices.sorted { means[$0] > means[$1] }.prefix(options.top)
      return Labeling.Segment(
        start: min(begin(group.range.lowerBound), end), end: min(begin(group.range.upperBound), end),
        labels: order.map { Labeling.Label(label: labels[$0], probability: means[$0]) },
        isConfident: group.best != nil, attention: attention(group.range))
    }
    // A frame that is shown for longer than a stretch may be the first of several.
    return segments.count == 1 ? segments : segments.filter { $0.start < $0.end }
  }

  private func mean(_ range: Range<Int>) -> [Double] {
    labels.indices.map { label in
      let means = range.map { stretches[$0].sums[label] / Double(max(1, stretches[$0].windows)) }
      return means.reduce(0, +) / Double(means.count)
    }
  }

  private func attention(_ range: Range<Int>) -> [(time: Double, weight: Double)] {
    let weights = range.flatMap { stretches[$0].attention.map { ($0.key, $0.value) } }
    let total = weights.reduce(0) { $0 + $1.1 }
    guard total > 0 else { return [] }
    var joined: [Double: Double] = [:]
    for (time, weight) in weights { joined[time, default: 0] += weight / total }
    return joined.sorted { $0.key < $1.key }.map { (time: $0.key, weight: $0.value) }
  }
}
