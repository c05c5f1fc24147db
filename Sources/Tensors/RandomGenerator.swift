/// Seeded random numbers, the same on every machine: xoshiro256** (Blackman and Vigna 2018), seeded by
/// SplitMix64.
///
/// `integer(below:)` and `shuffle` are written out here because the standard library may change how its own
/// draw from a generator, and a resumed run must repeat what an unbroken one drew.
package struct RandomGenerator: RandomNumberGenerator, Codable, Equatable, Sendable {
  private var s0, s1, s2, s3: UInt64

  package init(seed: UInt64) {
    var mixer = SplitMix64(state: seed)
    (s0, s1, s2, s3) = (mixer.next(), mixer.next(), mixer.next(), mixer.next())
  }

  /// A generator of its own for each path of numbers, such as (seed, epoch, batch): what it draws depends on
  /// nothing drawn elsewhere, so that no state need be kept to repeat it.
  package init(seed: UInt64, path: UInt64...) {
    var mixed = seed
    for (depth, number) in path.enumerated() {
      var mixer = SplitMix64(state: mixed ^ (UInt64(depth) &+ 1) &* 0xd1b5_4a32_d192_ed03)
      mixed = mixer.next() ^ number
    }
    self.init(seed: mixed)
  }

  /// The four words of the state, not all of them zero.
  package init(state: (UInt64, UInt64, UInt64, UInt64)) {
    precondition(state != (0, 0, 0, 0), "a state of zeros stays zero")
    (s0, s1, s2, s3) = state
  }

  package mutating func next() -> UInt64 {
    let result = Self.rotated(s1 &* 5, by: 7) &* 9
    let t = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    s3 = Self.rotated(s3, by: 45)
    return result
  }

  /// Uniform in [0, 1), 24 bits.
  package mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// Uniform in `0..<bound`, without bias (Lemire 2019).
  package mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0)
    let range = UInt64(bound)
    var product = next().multipliedFullWidth(by: range)
    if product.low < range {
      let threshold = (0 &- range) % range
      while product.low < threshold { product = next().multipliedFullWidth(by: range) }
    }
    return Int(product.high)
  }

  /// Puts the elements in random order (Fisher and Yates).
  package mutating func shuffle<Element>(_ elements: inout [Element]) {
    for i in stride(from: elements.count - 1, to: 0, by: -1) { elements.swapAt(i, integer(below: i + 1)) }
  }

  private static func rotated(_ x: UInt64, by k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
}

/// SplitMix64 (Steele, Lea and Flood 2014): spreads a seed over a larger state.
package struct SplitMix64 {
  private var state: UInt64

  package init(state: UInt64) { self.state = state }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
