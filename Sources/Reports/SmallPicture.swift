import Files
import Media

/// A small picture that stands for a picture or a video.
package enum SmallPicture {
  /// - Parameter side: pixels of its shorter side, at most
  /// - Returns: a JPEG file's bytes; nil where the file shows nothing any more
  package static func jpeg(of path: GivenPath, isVideo: Bool, side: Int) -> [UInt8]? {
    let image: Image? = path.withReadableText { text in
      if isVideo { return try? VideoFile.stills(of: text, at: [0], coveringSide: side).first }
      let options = DecodeOptions(coveringSide: side, acceptsDamage: true)
      return try? Picture(contentsOf: text, options: options).image
    }
    return try? image.map { small($0, side) }?.jpegData(quality: 80)
  }

  /// Shrunk to the shorter side wanted; nothing grows.
  private static func small(_ image: Image, _ side: Int) -> Image {
    let shorter = min(image.width, image.height)
    guard shorter > side else { return image }
    return image.resized(
      width: max(1, image.width * side / shorter), height: max(1, image.height * side / shorter))
  }
}
