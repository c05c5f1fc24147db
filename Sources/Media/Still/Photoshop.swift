import CFFmpeg

/// The merged picture of a Photoshop file (Adobe Photoshop File Formats Specification), by FFmpeg. Rows in PackBits are unpacked
/// here first: FFmpeg refuses some that other readers take.
func decodePhotoshop(_ bytes: [UInt8], path: String, options: DecodeOptions) throws(MediaError) -> StoredStill
{
  func number(_ place: Int, _ count: Int) -> Int {
    bytes.count >= place + count ? bytes[place..<place + count].reduce(0) { $0 << 8 | Int($1) } : 0
  }
  let (channels, height, width, depth) = (number(12, 2), number(14, 4), number(18, 4), number(22, 2))
  try options.check(width, height, path: path)
  // 16 channels of 8 bytes for two copies would be more than any picture has.
  guard (1...56).contains(channels), [1, 8, 16].contains(depth), width > 0, height > 0 else {
    throw .unsupported(path: path, reason: "a Photoshop file of \(channels) channels of \(depth) bits")
  }
  let size = channels * height * ((width * depth + 7) / 8)
  try options.check(bytes: 2 * size + width * height * 4, width, height, path: path)
  // Behind the header: colors, resources, layers.
  var start = 26
  for _ in 0..<3 { start += 4 + number(start, 4) }
  var plain = bytes
  if number(start, 2) == 1, start + 2 + channels * height * 2 <= bytes.count {
    let packed = bytes[(start + 2 + channels * height * 2)...]
    guard let rows = unpackedBits(packed, count: size) else {
      throw .undecodable(path: path, reason: "file ends too early")
    }
    plain = bytes[..<start] + [0, 0] + rows
  }
  return try decodeByFFmpeg(
    plain, AV_CODEC_ID_PSD, bytesPerPixel: 4 * (depth / 8 + 1), path: path, options: options)
}

/// What PackBits stand for (TIFF 6.0, section 9); nil where they end too early.
private func unpackedBits(_ packed: ArraySlice<UInt8>, count: Int) -> [UInt8]? {
  var result: [UInt8] = []
  result.reserveCapacity(count)
  var place = packed.startIndex
  while result.count < count, place < packed.endIndex {
    let head = Int8(bitPattern: packed[place])
    place += 1
    if head >= 0 {
      let end = place + Int(head) + 1
      guard end <= packed.endIndex else { return nil }
      result += packed[place..<end]
      place = end
    } else if head > -128 {
      guard place < packed.endIndex else { return nil }
      result += repeatElement(packed[place], count: 1 - Int(head))
      place += 1
    }
  }
  return result.count >= count ? Array(result.prefix(count)) : nil
}
