/// How well found transitions agree with true ones. A true one is found if one lies within `tolerance` frames of it or inside;
/// each counts for one other at most.
package struct BoundaryScore: Sendable {
  package private(set) var found = 0
  package private(set) var missed = 0
  package private(set) var spurious = 0
  /// True ones by their kind, and those of them that were found.
  package private(set) var byKind: [TransitionKind: (found: Int, all: Int)] = [:]
  /// Found ones whose kind is right.
  package private(set) var rightKind = 0

  package init() {}

  package var precision: Double { Double(found) / Double(max(found + spurious, 1)) }
  package var recall: Double { Double(found) / Double(max(found + missed, 1)) }
  package var f1: Double { 2 * Double(found) / Double(max(2 * found + missed + spurious, 1)) }

  package mutating func add(truth: [Transition], found transitions: [Transition], tolerance: Int = 2) {
    var open = transitions.map { (kind: $0.kind, frame: ($0.first + $0.end) / 2) }[...]
    for expected in truth.sorted(by: { $0.first < $1.first }) {
      let range = expected.first - tolerance...expected.end + tolerance
      byKind[expected.kind, default: (0, 0)].all += 1
      if let index = open.firstIndex(where: { range.contains($0.frame) }) {
        found += 1
        byKind[expected.kind, default: (0, 0)].found += 1
        if open[index].kind == expected.kind { rightKind += 1 }
        open.remove(at: index)
      } else {
        missed += 1
      }
    }
    spurious += open.count
  }
}
