/// A still as its decoder gives it.
struct StoredStill {
  /// As stored, not upright, in the file's own colors, over white where it was transparent; perhaps smaller than in the file.
  var image: Image
  /// Width in the file at full size, as stored, in pixels.
  var width: Int
  /// Height in the file at full size, as stored, in pixels.
  var height: Int
  /// How it was held.
  var orientation = Orientation.up
  /// What its colors are; nil is sRGB.
  var profile: ColorProfile?
  /// How much of it could be decoded before the first damage, 0…1; nil where nothing is damaged.
  var seen: Double?

  /// At full size.
  init(_ image: Image, orientation: Orientation = .up, profile: ColorProfile? = nil) {
    self.init(
      image: image, width: image.width, height: image.height, orientation: orientation, profile: profile)
  }

  init(
    image: Image, width: Int, height: Int, orientation: Orientation = .up, profile: ColorProfile? = nil,
    seen: Double? = nil
  ) {
    (self.image, self.width, self.height) = (image, width, height)
    (self.orientation, self.profile, self.seen) = (orientation, profile, seen)
  }
}

extension DecodeOptions {
  /// Pixels that a side may have, whatever the limits are: filters and rows grow with it.
  package static let sideLimit = 100_000

  /// - Parameter bytesPerPixel: what decoding takes at once, at most.
  /// - Throws: `MediaError.tooLarge` for a longer side, more pixels, or more memory for them than allowed.
  func check(_ width: Int, _ height: Int, bytesPerPixel: Int = 0, path: String) throws(MediaError) {
    // Within `Int`, too, when multiplied.
    guard width <= Int32.max, height <= Int32.max, width * height <= min(pixelLimit, Int.max / 4) else {
      throw .tooLarge(path: path, reason: "\(width)×\(height) pixels; the limit is \(pixelLimit)")
    }
    guard max(width, height) <= Self.sideLimit else {
      throw .tooLarge(
        path: path, reason: "\(width)×\(height) pixels; the limit of a side is \(Self.sideLimit)")
    }
    try check(bytes: width * height * bytesPerPixel, width, height, path: path)
  }

  /// - Throws: `MediaError.tooLarge` for more bytes than allowed.
  func check(bytes: Int, _ width: Int, _ height: Int, path: String) throws(MediaError) {
    guard bytes <= byteLimit else {
      throw .tooLarge(
        path: path,
        reason: "\(width)×\(height) pixels need \(bytes >> 20) MB to decode; the limit is \(byteLimit >> 20)")
    }
  }

  /// By how much both sides are divided while a picture is decoded row by row: so that at least twice `coveringSide` is left
  /// for the filter that follows, and only where the picture is large.
  func shrinking(_ width: Int, _ height: Int) -> Int {
    guard let coveringSide, width * height > 16_000_000 else { return 1 }
    return max(1, min(width, height) / max(1, 2 * coveringSide))
  }
}
