/// One to four words as their numbers, which start at 1; 0 is no word.
struct NGram: Equatable, Comparable, Sendable {
  /// The longest n-grams that caption metrics count.
  static let longest = 4

  /// No n-gram.
  static let none = NGram()

  private let first: UInt64
  private let second: UInt64

  private init() { (first, second) = (0, 0) }

  init(_ words: ArraySlice<UInt32>) {
    precondition((1...Self.longest).contains(words.count))
    func word(_ index: Int) -> UInt64 { index < words.count ? UInt64(words[words.startIndex + index]) : 0 }
    first = word(0) << 32 | word(1)
    second = word(2) << 32 | word(3)
  }

  /// Its bits well mixed, for hashing: the upper half counts.
  var mixed: UInt64 {
    let product = (first ^ second &* 0x9e37_79b9_7f4a_7c15) &* 0xd6e8_feb8_6659_fd93
    return (product ^ product >> 32) &* 0xd6e8_feb8_6659_fd93
  }

  /// The numbers of its words.
  var words: [UInt32] {
    [first >> 32, first & 0xffff_ffff, second >> 32, second & 0xffff_ffff].filter { $0 != 0 }.map(UInt32.init)
  }

  /// Number of words: n.
  var count: Int {
    if second & 0xffff_ffff != 0 { return 4 }
    if second != 0 { return 3 }
    return first & 0xffff_ffff != 0 ? 2 : 1
  }

  static func < (a: NGram, b: NGram) -> Bool {
    a.first == b.first ? a.second < b.second : a.first < b.first
  }
}

/// A caption as the metrics see it.
struct CountedCaption: Sendable {
  /// Its words' numbers, in order.
  let words: [UInt32]
  /// How often each n-gram occurs, ascending by n-gram.
  let grams: [(gram: NGram, count: Int)]

  init(_ words: [UInt32]) {
    self.words = words
    var all: [NGram] = []
    all.reserveCapacity(words.count * NGram.longest)
    for start in words.indices {
      for end in start + 1..<min(start + NGram.longest, words.count) + 1 {
        all.append(NGram(words[start..<end]))
      }
    }
    all.sort()
    var grams: [(gram: NGram, count: Int)] = []
    grams.reserveCapacity(all.count)
    for gram in all {
      if let last = grams.last, last.gram == gram {
        grams[grams.count - 1].count += 1
      } else {
        grams.append((gram, 1))
      }
    }
    self.grams = grams
  }
}

/// Numbers for words, which are told apart by their bytes, as Python does it.
struct WordIndex: Sendable {
  private var numbers: [ExactString: UInt32] = [:]

  /// The words' numbers; new ones get the next.
  mutating func insert(_ words: [String]) -> [UInt32] {
    words.map { word in
      let word = ExactString(word)
      if let number = numbers[word] { return number }
      let number = UInt32(numbers.count + 1)
      numbers[word] = number
      return number
    }
  }

  /// The words' numbers; those not in the index get numbers of their own, for this call alone.
  func find(_ words: [String]) -> [UInt32] {
    var unknown: [ExactString: UInt32] = [:]
    return words.map { word in
      let word = ExactString(word)
      if let number = numbers[word] ?? unknown[word] { return number }
      let number = UInt32.max - UInt32(unknown.count)
      unknown[word] = number
      return number
    }
  }

  /// The words by their numbers less one.
  var words: [String] { numbers.sorted { $0.value < $1.value }.map(\.key.text) }
}
