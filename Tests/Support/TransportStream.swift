/// An MPEG transport stream (ISO/IEC 13818-1) whose clock is set forward, as if it were another recording or a later part.
/// - Parameters:
///   - stream: whole packets
///   - ticks: of 1/90,000 s; the clock has 33 bits.
package func transportStream(_ stream: [UInt8], laterBy ticks: Int) -> [UInt8] {
  var stream = stream
  for packet in stride(from: 0, to: stream.count - 187, by: 188) {
    var start = packet + 4
    if stream[packet + 3] & 0x20 != 0 {
      // The adaptation field, with a program clock reference.
      if stream[start] >= 7, stream[start + 1] & 0x10 != 0 { stream.moveClockReference(at: start + 2, ticks) }
      start += 1 + Int(stream[start])
    }
    let beginsUnit = stream[packet + 1] & 0x40 != 0
    guard beginsUnit, start + 19 < packet + 188, stream[start..<start + 3].elementsEqual([0, 0, 1]) else {
      continue
    }
    if stream[start + 7] & 0x80 != 0 { stream.moveStamp(at: start + 9, ticks) }
    if stream[start + 7] & 0x40 != 0 { stream.moveStamp(at: start + 14, ticks) }
  }
  return stream
}

extension [UInt8] {
  private static var mask: Int { 1 << 33 - 1 }

  /// Between marker bits (2.4.3.7).
  fileprivate mutating func moveStamp(at index: Int, _ ticks: Int) {
    let bytes = self[index..<index + 5].map(Int.init)
    let old =
      (bytes[0] >> 1 & 7) << 30 | bytes[1] << 22 | (bytes[2] >> 1) << 15 | bytes[3] << 7 | bytes[4] >> 1
    let new = (old + ticks) & Self.mask
    self[index] = UInt8(bytes[0] & 0xF1 | (new >> 30) << 1)
    self[index + 1] = UInt8(new >> 22 & 0xFF)
    self[index + 2] = UInt8(new >> 15 & 0x7F) << 1 | 1
    self[index + 3] = UInt8(new >> 7 & 0xFF)
    self[index + 4] = UInt8(new & 0x7F) << 1 | 1
  }

  /// 33 bits, then what counts within a tick (2.4.3.5).
  fileprivate mutating func moveClockReference(at index: Int, _ ticks: Int) {
    let bytes = self[index..<index + 5].map(Int.init)
    let old = bytes[0] << 25 | bytes[1] << 17 | bytes[2] << 9 | bytes[3] << 1 | bytes[4] >> 7
    let new = (old + ticks) & Self.mask
    for (place, shift) in [25, 17, 9, 1].enumerated() { self[index + place] = UInt8(new >> shift & 0xFF) }
    self[index + 4] = UInt8((new & 1) << 7 | bytes[4] & 0x7F)
  }
}
