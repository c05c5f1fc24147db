import Media

/// A still picture, of whatever format, made as small as a network wants it, and whole where it is small.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
  let file = write(Bytes(start: start, count: count), "picture")
  if let picture = attempt({ try Picture(contentsOf: file.path, options: DecodeOptions(coveringSide: 64)) }) {
    precondition(picture.image.pixels.count == picture.image.width * picture.image.height * 3)
    precondition(picture.width > 0 && picture.height > 0)
  }
  let whole = DecodeOptions(pixelLimit: 1_000_000, acceptsDamage: true)
  _ = attempt { try Picture(contentsOf: file.path, options: whole) }
  return 0
}
