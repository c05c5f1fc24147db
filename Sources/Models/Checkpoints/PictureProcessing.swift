import Foundation
import Media

/// How a picture becomes an imported network's input, as the processors of Hugging Face's transformers do it.
package struct PictureProcessing: Codable, Equatable, Sendable {
  package enum Fit: String, ConfigurationName {
    /// The whole picture becomes the square.
    case stretch
    /// The shorter side becomes `shortest`, and the middle is cut out.
    case crop
  }

  package var fit: Fit
  /// Pixels that the shorter side becomes before the middle is cut out.
  package var shortest: Int
  package var resampling: Resampling
  /// Of red, green and blue, 0…1: the input is (rgb / 255 - mean) / deviation.
  package var mean, deviation: [Float]

  package init(fit: Fit, shortest: Int, resampling: Resampling, mean: [Float], deviation: [Float]) {
    (self.fit, self.shortest, self.resampling) = (fit, shortest, resampling)
    (self.mean, self.deviation) = (mean, deviation)
  }

  /// Whether pixels stay numbers.
  func isSound(side: Int) -> Bool {
    mean.count == 3 && deviation.count == 3 && mean.allSatisfy(\.isFinite)
      && deviation.allSatisfy { $0.isNormal && $0 > 0 } && (side...16_384).contains(shortest)
  }

  /// So much longer than it is wide, a picture is cut before it is made smaller.
  private static let longest = 16

  /// The part of a picture that the network sees; the picture itself where that is all.
  package func seen(_ image: Image, side: Int) -> Image {
    guard fit == .crop else { return image }
    let (width, height) = size(of: image)
    let (left, top) = ((width - side) / 2, (height - side) / 2)
    func source(_ offset: Int, _ new: Int, _ old: Int) -> Int { offset * old / new }
    return image.part(
      left: source(left, width, image.width), top: source(top, height, image.height),
      width: max(1, source(side, width, image.width)), height: max(1, source(side, height, image.height)))
  }

  /// The square that the network sees.
  /// - Parameter side: in pixels
  package func square(_ image: Image, side: Int) -> Image {
    guard fit == .crop else { return image.resized(width: side, height: side, by: resampling) }
    var image = image
    let shorter = min(image.width, image.height)
    if max(image.width, image.height) / Self.longest > shorter {
      image = image.middle(
        width: min(image.width, shorter * Self.longest), height: min(image.height, shorter * Self.longest))
    }
    let (width, height) = size(of: image)
    let resized = image.resized(width: width, height: height, by: resampling)
    return resized.part(left: (width - side) / 2, top: (height - side) / 2, width: side, height: side)
  }

  /// A picture's size when its shorter side is `shortest`.
  private func size(of image: Image) -> (width: Int, height: Int) {
    if image.width <= image.height { return (shortest, shortest * image.height / image.width) }
    return (shortest * image.width / image.height, shortest)
  }

  /// Writes a square's pixels as patches, row-major from the top left; of each its red, its green, its blue.
  /// - Parameter patches: [patches, 3 * patch * patch]
  package func write(_ square: Image, patch: Int, into patches: UnsafeMutablePointer<Float>) {
    let count = square.width / patch
    let area = patch * patch
    let factors = deviation.map { 1 / (255 * $0) }
    let offsets = zip(mean, deviation).map { -$0 / $1 }
    square.pixels.withUnsafeBufferPointer { pixels in
      for row in 0..<count * patch {
        for column in 0..<count * patch {
          let pixel = (row * square.width + column) * 3
          let target =
            patches + (row / patch * count + column / patch) * 3 * area + row % patch * patch
            + column % patch
          for channel in 0..<3 {
            target[channel * area] = Float(pixels[pixel + channel]) * factors[channel] + offsets[channel]
          }
        }
      }
    }
  }
}
