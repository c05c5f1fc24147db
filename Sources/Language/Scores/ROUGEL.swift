/// ROUGE-L (Lin 2004) with β = 1.2, as `pycocoevalcap` computes it: the best precision and the best recall over the
/// references, which need not be of the same one. A caption without words counts as one of a single, unknown word.
func rougeL(_ candidate: [UInt32], references: [[UInt32]]) -> Double {
  var (precision, recall) = (0.0, 0.0)
  for reference in references {
    let both = candidate.isEmpty && reference.isEmpty
    let common = both ? 1 : Double(longestCommonSubsequence(candidate, reference))
    precision = max(precision, common / Double(max(candidate.count, 1)))
    recall = max(recall, common / Double(max(reference.count, 1)))
  }
  guard precision > 0, recall > 0 else { return 0 }
  let square = 1.2 * 1.2
  return (1 + square) * precision * recall / (recall + square * precision)
}

/// The length of the longest sequence of words that both have in this order, gaps allowed.
private func longestCommonSubsequence(_ a: [UInt32], _ b: [UInt32]) -> Int {
  var lengths = [Int](repeating: 0, count: b.count + 1)
  for word in a {
    var diagonal = 0
    for (index, other) in b.enumerated() {
      let above = lengths[index + 1]
      lengths[index + 1] = word == other ? diagonal + 1 : max(above, lengths[index])
      diagonal = above
    }
  }
  return lengths[b.count]
}
