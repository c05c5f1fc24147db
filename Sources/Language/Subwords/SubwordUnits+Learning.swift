extension SubwordUnits {
  /// Learns the units of texts: their characters, then, again and again, the pair that stands most often side by side.
  /// - Parameters:
  ///   - count: units at most, markers and bytes included
  ///   - minimumCount: how often a character must occur to have a unit, so that bytes, too, are learned
  package init(learning texts: some Sequence<String>, count: Int, minimumCount: Int = 5) {
    var scalars: [Unicode.Scalar: Int] = [:]
    var chunks: [[Unicode.Scalar]: Int] = [:]
    for text in texts {
      for chunk in TextChunks(text) {
        chunks[Array(chunk), default: 0] += 1
        for scalar in chunk { scalars[scalar, default: 0] += 1 }
      }
    }
    let alphabet = scalars.filter { $0.value >= minimumCount && Self.mayBeLetter($0.key) }.keys.sorted()
    let plain = SubwordUnits(alphabet: alphabet, merges: [])
    var learning = PairCounts(chunks.map { (plain.symbols($0.key), $0.value) }, firstPair: Self.firstLetter)
    var merges: [Merge] = []
    var texts = (0..<plain.count).map { plain.bytes[$0] }
    var made: [[UInt8]: Int32] = [:]
    while texts.count < count, let best = learning.mostFrequent {
      let text = texts[Int(best.left)] + texts[Int(best.right)]
      let unit = made[text] ?? Int32(texts.count)
      if made.updateValue(unit, forKey: text) == nil { texts.append(text) }
      learning.merge(best, into: unit)
      merges.append(best)
    }
    self.init(alphabet: alphabet, merges: merges)
  }

  /// Whether the file can say it: the space as ▁, which is then not itself.
  static func mayBeLetter(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " "
      || scalar != SubwordUnits.space && !scalar.properties.isWhitespace
        && ![.control, .format, .unassigned, .privateUse].contains(scalar.properties.generalCategory)
  }
}

/// How often each pair of units stands side by side, kept up to date while pairs become units.
private struct PairCounts {
  private typealias Merge = SubwordUnits.Merge
  /// Distinct chunks and how often each occurs.
  private var chunks: [(symbols: [Int32], count: Int)]
  private var counts: [SubwordUnits.Merge: Int] = [:]
  /// The chunks that a pair may be in.
  private var places: [SubwordUnits.Merge: Set<Int>] = [:]
  /// Bytes, which are below, are never merged.
  private let firstPair: Int32

  init(_ chunks: [(symbols: [Int32], count: Int)], firstPair: Int32) {
    (self.chunks, self.firstPair) = (chunks, firstPair)
    for index in chunks.indices { count(index, 1) }
  }

  /// Counts a chunk's pairs in or out.
  private mutating func count(_ index: Int, _ sign: Int) {
    let (symbols, count) = chunks[index]
    for (left, right) in zip(symbols, symbols.dropFirst()) where left >= firstPair && right >= firstPair {
      let pair = SubwordUnits.Merge(left: left, right: right)
      let sum = (counts[pair] ?? 0) + sign * count
      counts[pair] = sum == 0 ? nil : sum
      if sign > 0 { places[pair, default: []].insert(index) }
    }
  }

  /// The pair that occurs most, at least twice; of equals that of the first units.
  var mostFrequent: SubwordUnits.Merge? {
    let best = counts.max {
      ($0.value, $1.key.left, $1.key.right) < ($1.value, $0.key.left, $0.key.right)
    }
    return best.flatMap { $0.value >= 2 ? $0.key : nil }
  }

  mutating func merge(_ pair: SubwordUnits.Merge, into unit: Int32) {
    for index in places.removeValue(forKey: pair) ?? [] {
      count(index, -1)
      var merged: [Int32] = []
      for symbol in chunks[index].symbols {
        if symbol == pair.right, merged.last == pair.left {
          merged[merged.count - 1] = unit
        } else {
          merged.append(symbol)
        }
      }
      chunks[index].symbols = merged
      count(index, 1)
    }
  }
}
