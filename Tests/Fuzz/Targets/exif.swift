@testable import Media

/// What a JPEG or PNG file says of itself beside its pixels: Exif and ICC profiles. The input is such a file's beginning, a block of
/// Exif, or a profile.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
  let bytes = Array(Bytes(start: start, count: count))
  _ = (JPEGSegments(bytes), PNGChunks(bytes), MediaKind(bytes))
  _ = (Orientation(exif: bytes[...]), ColorProfile(icc: bytes))
  return 0
}
