import CKernels
import Media

/// How a picture becomes a network's input, as `config.json` says.
package struct Preprocessing: Codable, Equatable, Sendable {
  package enum Resizing: String, ConfigurationName {
    /// The whole picture becomes the network's square.
    case stretch
    /// Its middle is cut out.
    case crop
  }

  package var resize: Resizing
  /// The input is (rgb - mean) / scale.
  package var mean: Double
  package var scale: Double

  package init(resize: Resizing, mean: Double, scale: Double) {
    (self.resize, self.mean, self.scale) = (resize, mean, scale)
  }

  /// Whether pixels stay numbers.
  var isSound: Bool { Float(mean).isFinite && Float(scale).isNormal && scale > 0 }

  /// The square that the network sees.
  /// - Parameters:
  ///   - side: of the square, in pixels
  ///   - shorterSide: of the picture that it is cut out of
  package func square(_ image: Image, side: Int, shorterSide: Int) -> Image {
    switch resize {
    case .stretch:
      return image.resized(width: side, height: side)
    case .crop:
      // The middle square first: a picture may be a thousand times as wide as it is high.
      let middle = min(image.width, image.height)
      return image.middle(width: middle, height: middle).resized(width: shorterSide, height: shorterSide)
        .middle(width: side, height: side)
    }
  }

  /// Writes a square's normalized pixels.
  /// - Parameters:
  ///   - planes: of red, green and blue, [height, width] each
  ///   - stride: from one plane's beginning to the next one's
  package func normalize(_ square: Image, into planes: UnsafeMutablePointer<Float>, stride: Int) {
    narrate_normalize_rgb(
      square.pixels, planes, square.width * square.height, stride, Float(mean), 1 / Float(scale))
  }
}
