import Foundation

/// The 64-bit hash of the xxHash specification (Collet), seed 0: a fast checksum for weights.
package struct XXHash64 {
  private static let p1: UInt64 = 0x9e37_79b1_85eb_ca87
  private static let p2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
  private static let p3: UInt64 = 0x1656_67b1_9e37_79f9
  private static let p4: UInt64 = 0x85eb_ca77_c2b2_ae63
  private static let p5: UInt64 = 0x27d4_eb2f_1656_67c5

  private var lanes = (p1 &+ p2, p2, UInt64(0), 0 &- p1)
  private var count = 0
  /// The last bytes, fewer than a stripe.
  private var rest: [UInt8] = []
  private static let stripe = 32

  package init() {}

  /// Hashes more bytes.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    count += bytes.count
    var offset = 0
    if !rest.isEmpty {
      offset = min(bytes.count, Self.stripe - rest.count)
      rest += bytes[..<offset]
      guard rest.count == Self.stripe else { return }
      rest.withUnsafeBytes { _ = addStripes(of: $0, from: 0) }
      rest = []
    }
    rest += bytes[addStripes(of: bytes, from: offset)...]
  }

  /// - Returns: where the first stripe begins that is not whole
  private mutating func addStripes(of bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    var (a, b, c, d) = lanes
    var offset = start
    while offset + Self.stripe <= bytes.count {
      a = Self.round(a, Self.word(bytes, offset))
      b = Self.round(b, Self.word(bytes, offset + 8))
      c = Self.round(c, Self.word(bytes, offset + 16))
      d = Self.round(d, Self.word(bytes, offset + 24))
      offset += Self.stripe
    }
    lanes = (a, b, c, d)
    return offset
  }

  /// The hash of all bytes so far.
  package var value: UInt64 {
    var result = Self.p5
    if count >= Self.stripe {
      let (a, b, c, d) = lanes
      result = Self.rotate(a, 1) &+ Self.rotate(b, 7) &+ Self.rotate(c, 12) &+ Self.rotate(d, 18)
      for lane in [a, b, c, d] { result = (result ^ Self.round(0, lane)) &* Self.p1 &+ Self.p4 }
    }
    result &+= UInt64(count)
    result = rest.withUnsafeBytes { Self.finish(result, $0) }
    result = (result ^ (result >> 33)) &* Self.p2
    result = (result ^ (result >> 29)) &* Self.p3
    return result ^ (result >> 32)
  }

  private static func finish(_ result: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var (result, offset) = (result, 0)
    while offset + 8 <= bytes.count {
      result = rotate(result ^ round(0, word(bytes, offset)), 27) &* p1 &+ p4
      offset += 8
    }
    if offset + 4 <= bytes.count {
      let half = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      result = rotate(result ^ UInt64(half) &* p1, 23) &* p2 &+ p3
      offset += 4
    }
    while offset < bytes.count {
      result = rotate(result ^ UInt64(bytes[offset]) &* p5, 11) &* p1
      offset += 1
    }
    return result
  }

  /// The hash of bytes that are all there.
  package static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash = XXHash64()
    hash.add(bytes)
    return hash.value
  }

  /// Sixteen hexadecimal digits.
  package var hexadecimal: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Sixteen hexadecimal digits.
  package static func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> String {
    var hash = XXHash64()
    hash.add(bytes)
    return hash.hexadecimal
  }

  /// Sixteen hexadecimal digits.
  package static func hexadecimal(_ bytes: Data) -> String { bytes.withUnsafeBytes { hexadecimal($0) } }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
  private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 { rotate(lane &+ word &* p2, 31) &* p1 }
  private static func rotate(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
}
