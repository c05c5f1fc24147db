/// What stands before the first scan of a JPEG (ITU-T T.81, B.1.1) and is not the decoder's business.
struct JPEGSegments {
  /// By the first Exif segment (Exif 2.32, 4.7.2); `up` where there is none, or none that makes sense.
  private(set) var orientation = Orientation.up
  /// By the segments that make an ICC profile together (ICC.1:2022, annex B.4); nil for sRGB.
  private(set) var profile: ColorProfile?

  init(_ bytes: [UInt8]) {
    let (exif, icc) = (Array("Exif\0\0".utf8), Array("ICC_PROFILE\0".utf8))
    var hasExif = false
    /// By their number.
    var parts: [UInt8: ArraySlice<UInt8>] = [:]
    Self.forEach(in: bytes) { marker, payload in
      if marker == 0xE1, !hasExif, payload.starts(with: exif) {
        orientation = Orientation(exif: payload) ?? .up
        hasExif = true
      } else if marker == 0xE2, payload.count > icc.count + 2, payload.starts(with: icc) {
        parts[payload[payload.startIndex + icc.count]] = payload.dropFirst(icc.count + 2)
      }
    }
    let length = parts.values.reduce(0) { $0 + $1.count }
    guard length > 0, length <= ColorProfile.byteLimit else { return }
    profile = ColorProfile(icc: parts.sorted { $0.key < $1.key }.flatMap(\.value))
  }

  private static func forEach(in bytes: [UInt8], _ body: (UInt8, ArraySlice<UInt8>) -> Void) {
    var position = 2
    while position + 4 <= bytes.count, bytes[position] == 0xFF {
      let marker = bytes[position + 1]
      switch marker {
      case 0xFF: position += 1  // padding
      case 0x01, 0xD0...0xD8: position += 2  // markers of no length
      case 0xD9, 0xDA: return  // the end, or the picture
      default:
        let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
        let end = position + 2 + length
        guard length >= 2, end <= bytes.count else { return }
        body(marker, bytes[position + 4..<end])
        position = end
      }
    }
  }
}
