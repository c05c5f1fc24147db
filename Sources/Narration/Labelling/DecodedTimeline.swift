import Algorithms
import Models

/// Which labels are said when: what the segments and intervals of a `Labeling` are made of.
package struct DecodedTimeline {
  let labels: [String]
  let stretches: [ActionTimeline.Stretch]
  /// Of each stretch: the labels that are said firmly, in the order of the model's.
  let said: [[Int]]
  /// When each stretch begins, and at last the end, in seconds
  let begins: [Double]

  /// Stretches side by side in which the same is said, each with its most probable labels.
  package func segments(top: Int) -> [Labeling.Segment] {
    // The longest ranges of stretches whose neighbors are the same.
    let groups = said.indices.chunked {
      said[$0] == said[$1] && stretches[$0].isStill == stretches[$1].isStill
    }
    let segments = groups.map { range in
      let means = labels.indices.map { mean($0, range) }
      let firm = Set(said[range.lowerBound])
      let order = means.indices.sorted {
        firm.contains($0) == firm.contains($1) ? means[$0] > means[$1] : firm.contains($0)
      }
      let isStill = stretches[range.lowerBound].isStill
      return Labeling.Segment(
        start: begins[range.lowerBound], end: begins[range.upperBound],
        labels: isStill
          ? []
          : order.prefix(top).map {
            Labeling.Label(label: labels[$0], probability: means[$0], isConfident: firm.contains($0))
          },
        isConfident: !firm.isEmpty, isStill: isStill, attention: attention(range))
    }
    // A frame that is shown for longer than a stretch may be the first of several.
    return segments.count == 1 ? segments : segments.filter { $0.start < $0.end }
  }

  /// Each label by itself.
  package var intervals: [Labeling.Interval] {
    let all = labels.indices.filter { label in said.contains { $0.contains(label) } }
      .flatMap { label in
        said.indices.chunked { said[$0].contains(label) == said[$1].contains(label) }
          .filter { said[$0.lowerBound].contains(label) && begins[$0.lowerBound] < begins[$0.upperBound] }
          .map { range in
            Labeling.Interval(
              label: labels[label], probability: mean(label, range), start: begins[range.lowerBound],
              end: begins[range.upperBound])
          }
      }
    return all.sorted { ($0.start, $1.probability) < ($1.start, $0.probability) }
  }

  private func mean(_ label: Int, _ range: Range<Int>) -> Double {
    range.reduce(0) { $0 + stretches[$1].mean(label) } / Double(range.count)
  }

  private func attention(_ range: Range<Int>) -> [Labeling.Moment] {
    var joined: [Double: Double] = [:]
    for index in range { joined.merge(stretches[index].attention) { $0 + $1 } }
    let total = joined.values.reduce(0, +)
    return joined.sorted { $0.key < $1.key }.map { Labeling.Moment(time: $0.key, weight: $0.value / total) }
  }
}
