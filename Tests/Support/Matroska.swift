/// A Matroska file of JPEG pictures (RFC 9559), a cluster each, with whatever times and lengths.
/// - Parameters:
///   - frames: each with its time and its length, in ticks
///   - scale: nanoseconds a tick
///   - duration: of the whole, in ticks
package func matroska(
  _ frames: [(start: Int, length: Int, jpeg: [UInt8])], width: Int, height: Int, scale: Int = 1_000_000,
  duration: Double? = nil
) -> [UInt8] {
  let head =
    number(0x4286, 1) + number(0x42F7, 1) + number(0x42F2, 4) + number(0x42F3, 8)
    + element(0x4282, Array("matroska".utf8)) + number(0x4287, 4) + number(0x4285, 2)
  var information = number(0x2AD7B1, scale)
  if let duration { information += element(0x4489, bigEndian(Int(bitPattern: UInt(duration.bitPattern)), 8)) }
  let video = element(0xE0, number(0xB0, width) + number(0xBA, height))
  let track =
    number(0xD7, 1) + number(0x73C5, 1) + number(0x83, 1) + element(0x86, Array("V_MJPEG".utf8)) + video
  let clusters = frames.flatMap { frame in
    // Track 1, at the cluster's time, no flags.
    let block = element(0xA1, [0x81, 0, 0, 0] + frame.jpeg)
    return element(0x1F43_B675, number(0xE7, frame.start) + element(0xA0, block + number(0x9B, frame.length)))
  }
  let content = element(0x1549_A966, information) + element(0x1654_AE6B, element(0xAE, track)) + clusters
  return element(0x1A45_DFA3, head) + element(0x1853_8067, content)
}

private func number(_ type: Int, _ value: Int) -> [UInt8] { element(type, bigEndian(value, 8)) }

private func element(_ type: Int, _ content: [UInt8]) -> [UInt8] {
  let width = (71 - UInt(type).leadingZeroBitCount) / 8
  return bigEndian(type, width) + [1] + bigEndian(content.count, 7) + content
}

private func bigEndian(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
