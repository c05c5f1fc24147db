import Algorithms
import Tensors

/// Which three words in a row people write, as they stand and without qualifiers, the beginning and the end of a caption among them,
/// by vocabulary index: a Bloom filter (Bloom 1970), 8 bits a phrase. It knows every phrase that it was made from, and takes one in fifty others for known.
package struct PhraseTable: Sendable, Equatable {
  /// Which words count as standing in a row.
  package enum Kind: UInt64, Sendable {
    /// All.
    case literal
    /// All but qualifiers: "kite on field" is in "a kite on a green field".
    case bare
  }

  /// The filter, bit by bit from the lowest of each byte.
  package let bytes: [UInt8]

  private static let bitsPerPhrase = 8
  /// In a smaller table most phrases would be taken for known.
  private static let leastBytes = 64
  /// Bits that are set for a phrase.
  private static let probes: UInt64 = 6
  /// Indices below this are told apart.
  private static let mostWords = 1 << 21

  /// - Parameters:
  ///   - captions: with the markers of beginning and end; phrases with a word that the vocabulary has not are left out.
  ///   - qualifiers: words that bare phrases leave out; without any, no phrase is known as a bare one.
  package init(captions: some Sequence<[Int32]>, qualifiers: Set<Int32>) {
    var phrases: Set<UInt64> = []
    func add(_ caption: [Int32], _ kind: Kind) {
      for phrase in caption.windows(ofCount: 3) where !phrase.contains(Vocabulary.unknown) {
        let first = phrase.startIndex
        phrases.insert(Self.key(phrase[first], phrase[first + 1], phrase[first + 2], kind))
      }
    }
    for caption in captions {
      add(caption, .literal)
      if !qualifiers.isEmpty { add(caption.filter { !qualifiers.contains($0) }, .bare) }
    }
    var bytes = [UInt8](repeating: 0, count: max(Self.leastBytes, phrases.count * Self.bitsPerPhrase / 8))
    for phrase in phrases {
      Self.eachBit(phrase, of: bytes.count) { byte, bit in
        bytes[byte] |= bit
        return true
      }
    }
    self.bytes = bytes
  }

  /// - Parameter bytes: another table's; not empty
  package init(bytes: [UInt8]) {
    precondition(!bytes.isEmpty)
    self.bytes = bytes
  }

  package func contains(_ first: Int32, _ second: Int32, _ third: Int32, _ kind: Kind) -> Bool {
    Self.eachBit(Self.key(first, second, third, kind), of: bytes.count) { byte, bit in
      bytes[byte] & bit != 0
    }
  }

  private static func key(_ first: Int32, _ second: Int32, _ third: Int32, _ kind: Kind) -> UInt64 {
    precondition(max(first, second, third) < mostWords && min(first, second, third) >= 0)
    return kind.rawValue << 63 | UInt64(first) << 42 | UInt64(second) << 21 | UInt64(third)
  }

  /// The bits of a phrase, from two hashes (Kirsch and Mitzenmacher 2008), until the body says no.
  @discardableResult
  private static func eachBit(
    _ key: UInt64, of bytes: Int, _ body: (_ byte: Int, _ bit: UInt8) -> Bool
  ) -> Bool {
    var mixer = SplitMix64(state: key)
    let hash = mixer.next()
    let (first, second) = (hash & 0xffff_ffff, hash >> 32 | 1)
    for probe in 0..<probes {
      let bit = (first &+ probe &* second) % (UInt64(bytes) * 8)
      guard body(Int(bit / 8), 1 << UInt8(bit % 8)) else { return false }
    }
    return true
  }
}
