/// A Flash video of gray pictures, 16 × 16 pixels, each a key frame (Screen Video, its zlib data stored as it is), with the
/// index of key frames in front.
/// - Parameters:
///   - frames: each with its time in milliseconds and its gray
///   - index: at whole seconds, the frame that the index has there. FFmpeg looks whether the first two are true.
package func flv(_ frames: [(milliseconds: Int, gray: UInt8)], index: [(second: Int, frame: Int)]) -> [UInt8]
{
  func script(_ positions: [Int]) -> [UInt8] {
    var values: [UInt8] = [2] + name("onMetaData") + [8] + bigEndian(1, 4)
    values += name("keyframes") + [3]
    values += name("filepositions") + numbers(positions) + name("times") + numbers(index.map(\.second))
    // The end of the object, and of the array that it is in.
    return tag(18, 0, values + [0, 0, 9] + [0, 0, 9])
  }
  let header = Array("FLV".utf8) + [1, 1] + bigEndian(9, 4) + bigEndian(0, 4)
  let tags = frames.map { tag(9, $0.milliseconds, screenVideo($0.gray)) }
  let start = header.count + script(index.map { _ in 0 }).count
  let positions = index.map { entry in start + tags[..<entry.frame].joined().count }
  return header + script(positions) + tags.joined()
}

private func bigEndian(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

private func name(_ text: String) -> [UInt8] { bigEndian(text.utf8.count, 2) + Array(text.utf8) }

private func numbers(_ values: [Int]) -> [UInt8] {
  [10] + bigEndian(values.count, 4)
    + values.flatMap { [0] + bigEndian(Int(bitPattern: UInt(Double($0).bitPattern)), 8) }
}

private func tag(_ kind: UInt8, _ milliseconds: Int, _ data: [UInt8]) -> [UInt8] {
  [kind] + bigEndian(data.count, 3) + bigEndian(milliseconds, 3) + bigEndian(milliseconds >> 24, 1)
    + bigEndian(0, 3) + data + bigEndian(data.count + 11, 4)
}

/// One block of one color: the block's and the picture's size, and the block as zlib has it.
private func screenVideo(_ gray: UInt8) -> [UInt8] {
  let pixels = [UInt8](repeating: gray, count: 16 * 16 * 3)
  let sums = pixels.reduce(into: (1, 0)) { sums, byte in
    sums.0 = (sums.0 + Int(byte)) % 65521
    sums.1 = (sums.1 + sums.0) % 65521
  }
  let (low, high) = (UInt8(pixels.count & 0xFF), UInt8(pixels.count >> 8))
  let stored: [UInt8] =
    [0x78, 0x01, 1, low, high, ~low, ~high] + pixels + bigEndian(sums.1 << 16 | sums.0, 4)
  return [0x13] + bigEndian(16, 2) + bigEndian(16, 2) + bigEndian(stored.count, 2) + stored
}
