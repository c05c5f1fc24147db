/// A caption's words as `pycocoevalcap` counts them: the Penn Treebank's tokens as Stanford CoreNLP 3.4.1 finds them (`don't` is
/// `do n't`, hyphenated words are one), in lower case, without those punctuation marks that `pycocoevalcap` leaves out.
/// Brackets stay, since it looks for `-LRB-` where the tokens have `-lrb-`.
///
/// Written from that program's behavior; `Fixtures/make_ptb.py` compares them.
package enum PTBTokenizer {
  package static func words(_ caption: String) -> [String] {
    var scanner = PTBScanner(caption)
    scanner.run()
    return scanner.words
  }
}

/// Goes through a caption, at each position taking the longest token that begins there. In linear time, whatever it is given: a
/// run of characters that a token may turn out not to have is looked through once, and its end remembered.
struct PTBScanner {
  /// The caption's scalars, followed by zeros that no token has.
  let text: [UInt32]
  let count: Int
  /// Where the next token begins.
  var position = 0
  private(set) var words: [String] = []
  /// Where the runs end that the position is in, or that have been looked through last: of letters, digits, stops and commas
  /// (what may stand before a hyphen), and of what the name before an @ may have.
  var (hyphenable, nameable) = (0, 0)
  /// The last @ that no address goes on from.
  var strayAt = -1

  init(_ caption: String) {
    var scalars: [UInt32] = []
    scalars.reserveCapacity(caption.utf8.count + 4)
    for scalar in caption.unicodeScalars where scalar.value != 0xad { scalars.append(scalar.value) }
    if scalars.contains(0x26) { scalars = Self.withoutEntities(scalars) }
    count = scalars.count
    scalars += [0, 0, 0, 0]
    text = scalars
  }

  mutating func run() {
    while position < count {
      let first = text[position]
      if Character.isSpace(first) {
        position += 1
      } else if Character.isLetter(first) || Character.isDigit(first) {
        takeWord()
      } else {
        takeMark()
      }
    }
  }

  /// The token up to `end`, in lower case.
  mutating func take(to end: Int) {
    let scalars = text[position..<end]
    position = end
    if scalars.allSatisfy({ $0 < 0x80 && $0 != 0x20 }) {
      words.append(
        String(unsafeUninitializedCapacity: scalars.count) { buffer in
          for (index, value) in scalars.enumerated() {
            buffer[index] = UInt8(Character.isUpper(value) ? value + 0x20 : value)
          }
          return scalars.count
        })
    } else {
      // A tag may hold spaces, and they part words.
      let token = String(String.UnicodeScalarView(scalars.compactMap(Unicode.Scalar.init)))
      words += token.lowercased().split(separator: " ").map(String.init)
    }
  }

  /// A token that is written otherwise than it stands in the caption.
  mutating func take(to end: Int, as token: String) {
    position = end
    words.append(token)
  }

  /// The end of the longest run from a position, which is where it was found to be before while the position is before that.
  func end(from start: Int, known: Int, while kind: (UInt32) -> Bool) -> Int {
    start < known ? known : end(from: start, while: kind)
  }

  /// Goes on without a token: for what is left out anyway, and for what no token can have.
  mutating func skip(to end: Int) { position = end }

  /// The HTML entities that are characters to the tokenizer.
  private static func withoutEntities(_ scalars: [UInt32]) -> [UInt32] {
    let entities: [([UInt32], UInt32)] = [
      ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&nbsp;", " "),
      ("&mdash;", "\u{2014}"), ("&ndash;", "\u{2013}"),
    ].map { (name: String, scalar: Unicode.Scalar) in (name.unicodeScalars.map(\.value), scalar.value) }
    var result: [UInt32] = []
    var rest = scalars[...]
    while let first = rest.first {
      if first == 0x26, let (name, scalar) = entities.first(where: { rest.starts(with: $0.0) }) {
        result.append(scalar)
        rest = rest.dropFirst(name.count)
      } else {
        result.append(first)
        rest = rest.dropFirst()
      }
    }
    return result
  }
}

extension PTBScanner {
  /// Kinds of characters.
  enum Character {
    static func isSpace(_ value: UInt32) -> Bool {
      value == 0x20 || (0x09...0x0d).contains(value) || value == 0xa0 || value == 0x3000
        || (0x2000...0x200b).contains(value) || value == 0x2028 || value == 0x2029 || value == 0x202f
    }

    static func isDigit(_ value: UInt32) -> Bool { value >= 0x30 && value <= 0x39 }

    static func isLatin(_ value: UInt32) -> Bool {
      (value | 0x20) >= 0x61 && (value | 0x20) <= 0x7a && value < 0x80
    }

    static func isUpper(_ value: UInt32) -> Bool { value >= 0x41 && value <= 0x5a }

    /// Letters of all scripts of the basic plane, with the marks that combine with them.
    static func isLetter(_ value: UInt32) -> Bool {
      if value < 0x80 { return isLatin(value) }
      guard value < 0x10000, value != 0xaa, value != 0xba, let scalar = Unicode.Scalar(value) else {
        return false
      }
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
      case .nonspacingMark: return value < 0xfe00
      case .spacingMark: return true
      default: return false
      }
    }

    static func isVowel(_ value: UInt32) -> Bool {
      switch value | 0x20 {
      case 0x61, 0x65, 0x69, 0x6f, 0x75: value < 0x80
      default: false
      }
    }

    static func isApostrophe(_ value: UInt32) -> Bool { value == 0x27 || value == 0x2019 || value == 0x92 }

    static func isHyphen(_ value: UInt32) -> Bool { value == 0x2d || value == 0x2010 || value == 0x2011 }
  }

  /// Whether `lowercase` stands at a position, in any case of letters.
  func stands(_ lowercase: StaticString, at start: Int) -> Bool {
    lowercase.withUTF8Buffer { wanted in
      guard start + wanted.count <= count else { return false }
      for (offset, byte) in wanted.enumerated() {
        let value = text[start + offset]
        let lower = Character.isUpper(value) ? value + 0x20 : value
        if lower != UInt32(byte) { return false }
      }
      return true
    }
  }

  /// The end of the longest run from a position.
  func end(from start: Int, while kind: (UInt32) -> Bool) -> Int {
    var end = start
    while end < count && kind(text[end]) { end += 1 }
    return end
  }
}
