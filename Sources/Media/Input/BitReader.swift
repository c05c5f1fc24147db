/// Reads numbers of any count of bits, the highest bit first, as MP4's boxes and the headers of video codecs have them. What lies
/// past the end is zeros.
struct BitReader {
  private let bytes: ArraySlice<UInt8>
  /// Bits read so far, or skipped.
  private var place = 0

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  /// Whether more was read than there is.
  var isPastEnd: Bool { place > bytes.count * 8 }

  /// The bytes that have not been begun.
  var rest: ArraySlice<UInt8> { bytes.dropFirst((place + 7) / 8) }

  /// - Parameter count: 0…64
  /// - Returns: the number, or `Int.max` for one that is larger.
  mutating func number(_ count: Int) -> Int {
    var value: UInt64 = 0
    for _ in 0..<count {
      let byte = place / 8
      let bit = byte < bytes.count ? bytes[bytes.startIndex + byte] >> UInt8(7 - place % 8) & 1 : 0
      value = value << 1 | UInt64(bit)
      place += 1
    }
    return Int(clamping: value)
  }

  mutating func flag() -> Bool { number(1) == 1 }

  mutating func skip(_ count: Int) { place += count }

  /// A number in the exponential code of Golomb of order 0; 2³² − 1 behind 32 zeros, where decoders stop counting.
  mutating func golomb() -> Int {
    var zeros = 0
    while zeros < 32, !isPastEnd, !flag() { zeros += 1 }
    return zeros < 32 ? (1 << zeros) - 1 + number(zeros) : Int(UInt32.max)
  }
}
