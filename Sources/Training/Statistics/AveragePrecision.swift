/// The mean over what is looked for of the precision at its place, in a list with the highest scores first: 1 where all of it
/// stands before everything else.
/// - Parameter scores: with whether each is of something that is looked for; of equal ones the first comes first
/// - Returns: nil where nothing is looked for
package func averagePrecision(_ scores: [(score: Float, isSought: Bool)]) -> Double? {
  var (found, sum) = (0, 0.0)
  let order = scores.indices.sorted { (-scores[$0].score, $0) < (-scores[$1].score, $1) }
  for (place, index) in order.enumerated() where scores[index].isSought {
    found += 1
    sum += Double(found) / Double(place + 1)
  }
  return found > 0 ? sum / Double(found) : nil
}
