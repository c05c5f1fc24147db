import Media

/// The parts of a video that are worth most and last no longer than wanted: the knapsack of Gygli et al. 2014, in whole steps.
package enum Digest {
  /// Steps that a length is counted in, at most.
  private static let steps = 4000

  /// - Parameters:
  ///   - lengths: of the parts in seconds
  ///   - worths: of each second of a part, not below zero
  ///   - length: of all that are chosen together, in seconds
  /// - Returns: indices, ascending
  package static func choose(_ lengths: [Double], worths: [Double], length: Double) -> [Int] {
    precondition(lengths.count == worths.count)
    guard length > 0 else { return [] }
    let step = max(0.05, length / Double(steps))
    let room = Int(bounded: (length / step + 1e-9).rounded(.down))
    // Rounded up: together they are never too long.
    let costs = lengths.map { max(1, Int(bounded: ($0 / step - 1e-9).rounded(.up))) }
    var best = [Double](repeating: 0, count: room + 1)
    var takes: [[Bool]] = []
    for (cost, worth) in zip(costs, zip(worths, lengths).map { $0 * $1 }) {
      var taken = [Bool](repeating: false, count: room + 1)
      if cost <= room, worth > 0 {
        for size in stride(from: room, through: cost, by: -1) where best[size - cost] + worth > best[size] {
          best[size] = best[size - cost] + worth
          taken[size] = true
        }
      }
      takes.append(taken)
    }
    var (chosen, size) = ([Int](), room)
    for index in lengths.indices.reversed() where takes[index][size] {
      chosen.append(index)
      size -= costs[index]
    }
    return chosen.reversed()
  }
}
