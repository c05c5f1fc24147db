import Tensors

/// Units that any text is made of: frequent words, parts of rarer ones, characters, and bytes for what was never seen (byte-pair
/// encoding: Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units"; spaces are characters like others,
/// Kudo and Richardson 2018). A text's units, one after the other, are the text itself: nothing is dropped or changed.
///
/// Indices: those of `Vocabulary.specials`, the 256 bytes, the alphabet, then what merges make, in the order in which they were
/// learned; two that make the same text make one unit.
package struct SubwordUnits: Sendable, Equatable {
  /// Two units that become one.
  struct Merge: Sendable, Hashable { let left, right: Int32 }

  /// Characters that have a unit of their own; the space is one of them.
  let alphabet: [Unicode.Scalar]
  let merges: [Merge]
  private let letters: [Unicode.Scalar: Int32]
  /// The place of each merge among all, and the unit that it makes.
  private let merged: [Merge: (rank: Int, unit: Int32)]
  /// [units], what each stands for; nothing for the markers
  let bytes: [[UInt8]]

  static let firstByte = Int32(Vocabulary.specials.count)
  static let firstLetter = firstByte + 256

  /// - Precondition: no character and no pair twice; merges are of units before them, and of no byte.
  init(alphabet: [Unicode.Scalar], merges: [Merge]) {
    (self.alphabet, self.merges) = (alphabet, merges)
    let first = Self.firstLetter
    letters = Dictionary(uniqueKeysWithValues: alphabet.enumerated().map { ($1, first + Int32($0)) })
    var bytes = [[UInt8]](repeating: [], count: Vocabulary.specials.count)
    bytes += (UInt8.min...UInt8.max).map { [$0] }
    bytes += alphabet.map { Array(String($0).utf8) }
    var (made, merged) = ([[UInt8]: Int32](), [Merge: (rank: Int, unit: Int32)]())
    for (rank, merge) in merges.enumerated() {
      let text = bytes[Int(merge.left)] + bytes[Int(merge.right)]
      let unit = made[text] ?? Int32(bytes.count)
      if made.updateValue(unit, forKey: text) == nil { bytes.append(text) }
      merged[merge] = (rank, unit)
    }
    (self.bytes, self.merged) = (bytes, merged)
  }

  package static func == (a: SubwordUnits, b: SubwordUnits) -> Bool {
    a.alphabet == b.alphabet && a.merges == b.merges
  }

  /// Units, the markers among them.
  package var count: Int { bytes.count }

  /// The text of one unit; empty for a marker, and for a byte that is no character.
  package func text(of unit: Int32) -> String { String(validating: bytes[Int(unit)], as: UTF8.self) ?? "" }

  /// A text's units.
  /// - Parameters:
  ///   - dropout: the share of merges that are left out at random, so that a network learns words from their parts too (Provilkov
  ///     et al. 2020, "BPE-Dropout"); 0 leaves out none.
  package func encode(
    _ text: String, dropout: Float = 0, using random: inout RandomGenerator
  ) -> [Int32] {
    var units: [Int32] = []
    for chunk in TextChunks(text) {
      var symbols = symbols(chunk)
      merge(&symbols, dropout: dropout, using: &random)
      units += symbols
    }
    return units
  }

  package func encode(_ text: String) -> [Int32] {
    var unused = RandomGenerator(seed: 0)
    return encode(text, using: &unused)
  }

  /// The text of units; markers are left out. Bytes that make no character, which no text's units are, become U+FFFD.
  package func decode(_ units: some Sequence<Int32>) -> String {
    let text = units.flatMap { bytes[Int($0)] }
    // The space that every text is given ahead.
    return String(decoding: text.first == UInt8(ascii: " ") ? text[1...] : text[...], as: UTF8.self)
  }

  /// Characters as they are before any merge.
  func symbols(_ chunk: some Sequence<Unicode.Scalar>) -> [Int32] {
    chunk.flatMap { scalar in
      letters[scalar].map { [$0] } ?? String(scalar).utf8.map { Self.firstByte + Int32($0) }
    }
  }

  /// Takes the merges that were learned first, as often as there is one to take.
  private func merge(_ symbols: inout [Int32], dropout: Float, using random: inout RandomGenerator) {
    while symbols.count > 1 {
      var (best, place) = ((rank: Int.max, unit: Int32(0)), -1)
      for index in 0..<symbols.count - 1 {
        guard let merge = merged[Merge(left: symbols[index], right: symbols[index + 1])],
          merge.rank < best.rank
        else { continue }
        if dropout > 0, random.uniform() < dropout { continue }
        (best, place) = (merge, index)
      }
      guard place >= 0 else { return }
      symbols[place] = best.unit
      symbols.remove(at: place + 1)
    }
  }
}

/// The parts of a text within which characters become units: a run of letters, of digits or of other marks, with the space ahead of
/// it. The text gets a space ahead, so that its first word is the word that it is elsewhere.
struct TextChunks: Sequence {
  private enum Kind { case space, letters, digits, marks }
  private let scalars: [Unicode.Scalar]

  init(_ text: String) { scalars = [" "] + text.unicodeScalars }

  private static func kind(_ scalar: Unicode.Scalar) -> Kind {
    switch scalar {
    case " ": .space
    // Within words: l'homme, T-Shirt.
    case "'", "’", "-": .letters
    case "0"..."9": .digits
    default:
      scalar.properties.isAlphabetic || scalar.properties.canonicalCombiningClass != .notReordered
        ? .letters : .marks
    }
  }

  func makeIterator() -> AnyIterator<ArraySlice<Unicode.Scalar>> {
    var start = 0
    return AnyIterator {
      guard start < scalars.count else { return nil }
      let first = start
      var end = start + 1
      var kind = Self.kind(scalars[start])
      // A space goes with what follows it, unless that is a space too.
      if kind == .space, end < scalars.count, Self.kind(scalars[end]) != .space {
        kind = Self.kind(scalars[end])
        end += 1
      }
      while kind != .space, end < scalars.count, Self.kind(scalars[end]) == kind { end += 1 }
      start = end
      return scalars[first..<end]
    }
  }
}
