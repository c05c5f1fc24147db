@testable import Media

/// What a JPEG or PNG file says of itself beside its pixels: Exif. The input is such a file's beginning.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
  let bytes = Array(Bytes(start: start, count: count))
  _ = (Orientation(jpeg: bytes), Orientation(png: bytes), MediaKind(bytes))
  // An Exif block alone, where a JPEG and a PNG have it.
  let length = min(bytes.count, 60_000) + 8
  let marker: [UInt8] = [0xff, 0xd8, 0xff, 0xe1, UInt8(length >> 8), UInt8(length & 255)]
  _ = Orientation(jpeg: marker + Array("Exif\0\0".utf8) + bytes.prefix(60_000))
  return 0
}
