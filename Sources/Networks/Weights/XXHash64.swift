import Foundation

/// The 64-bit hash of the xxHash specification (Collet), seed 0: a fast checksum for weights.
package enum XXHash64 {
  private static let p1: UInt64 = 0x9e37_79b1_85eb_ca87
  private static let p2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
  private static let p3: UInt64 = 0x1656_67b1_9e37_79f9
  private static let p4: UInt64 = 0x85eb_ca77_c2b2_ae63
  private static let p5: UInt64 = 0x27d4_eb2f_1656_67c5

  package static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var offset = 0
    var result: UInt64
    func word(at offset: Int) -> UInt64 {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    if bytes.count >= 32 {
      var (a, b, c, d) = (p1 &+ p2, p2, UInt64(0), 0 &- p1)
      while offset + 32 <= bytes.count {
        a = round(a, word(at: offset))
        b = round(b, word(at: offset + 8))
        c = round(c, word(at: offset + 16))
        d = round(d, word(at: offset + 24))
        offset += 32
      }
      result = rotate(a, 1) &+ rotate(b, 7) &+ rotate(c, 12) &+ rotate(d, 18)
      for lane in [a, b, c, d] { result = (result ^ round(0, lane)) &* p1 &+ p4 }
    } else {
      result = p5
    }
    result &+= UInt64(bytes.count)
    while offset + 8 <= bytes.count {
      result = rotate(result ^ round(0, word(at: offset)), 27) &* p1 &+ p4
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
    result = (result ^ (result >> 33)) &* p2
    result = (result ^ (result >> 29)) &* p3
    return result ^ (result >> 32)
  }

  /// Sixteen hexadecimal digits.
  package static func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> String {
    let digits = String(hash(bytes), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Sixteen hexadecimal digits.
  package static func hexadecimal(_ bytes: Data) -> String { bytes.withUnsafeBytes { hexadecimal($0) } }

  private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 { rotate(lane &+ word &* p2, 31) &* p1 }
  private static func rotate(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
}
