/// Joins neighbors where there are more than somebody wants.
package enum Joining {
  /// As many groups of neighbors as are wanted: again and again the lightest goes to the lighter one beside it.
  /// - Parameter weights: not below zero
  /// - Returns: indices, in order; all of them are in one group each
  package static func groups(of weights: [Double], atMost count: Int) -> [Range<Int>] {
    precondition(count > 0)
    var groups = weights.indices.map { (range: $0..<$0 + 1, weight: weights[$0]) }
    while groups.count > count {
      let lightest = groups.indices.min { groups[$0].weight < groups[$1].weight } ?? 0
      let after = lightest + 1
      let isBeforeLighter =
        after == groups.count || (lightest > 0 && groups[lightest - 1].weight < groups[after].weight)
      let left = isBeforeLighter ? lightest - 1 : lightest
      groups[left] = (
        groups[left].range.lowerBound..<groups[left + 1].range.upperBound,
        groups[left].weight + groups[left + 1].weight
      )
      groups.remove(at: left + 1)
    }
    return groups.map(\.range)
  }
}
