/// What a PNG's chunks say besides the picture (PNG, third edition), found without a library: nothing of it is decompressed here.
struct PNGChunks {
  /// Keywords of texts that hold Exif.
  static let exifKeywords = ["Raw profile type exif", "Raw profile type APP1"]

  /// By the `eXIf` chunk, before or after the picture; nil where there is none, or none that makes sense.
  private(set) var orientation: Orientation?
  /// Whether there is an `iCCP` chunk.
  private(set) var hasProfile = false
  /// Whether there is a text that holds Exif.
  private(set) var hasExifText = false
  /// By the `cICP` chunk; nil for sRGB.
  private(set) var coded: ColorProfile?

  init(_ bytes: [UInt8]) {
    var position = 8
    while position + 12 <= bytes.count {
      let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      let start = position + 8
      guard length <= bytes.count - start - 4 else { return }
      let content = bytes[start..<start + length]
      switch String(decoding: bytes[position + 4..<start], as: UTF8.self) {
      case "eXIf": orientation = orientation ?? Orientation(exif: content)
      case "iCCP": hasProfile = true
      case "zTXt", "tEXt":
        hasExifText = hasExifText || Self.exifKeywords.contains { content.starts(with: $0.utf8 + [0]) }
      case "cICP" where length == 4:
        coded = ColorProfile(primaries: UInt16(content[start]), transfer: UInt16(content[start + 1]))
      default: break
      }
      position = start + length + 4
    }
  }
}
