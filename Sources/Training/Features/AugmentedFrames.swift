import CKernels
import Media
import Tensors

/// A training picture or frames of a clip, changed at random: a cut of it, perhaps mirrored, its colors shifted; all frames
/// in the same way.
package struct AugmentedFrames: Sendable {
  package enum Source: Sendable {
    case pictures([String])
    /// Some of so many frames evenly over a video, in order of time.
    case video(String, frames: [Int], of: Int)
  }

  let source: Source
  let isMirrored: Bool
  /// See `CaptionSettings.FineTuning`.
  let smallestCrop: Double
  let color: Double
  let random: RandomGenerator

  package init(
    _ source: Source, isMirrored: Bool, smallestCrop: Double, color: Double, random: RandomGenerator
  ) {
    (self.source, self.isMirrored) = (source, isMirrored)
    (self.smallestCrop, self.color, self.random) = (smallestCrop, color, random)
  }

  /// Frames.
  package var count: Int {
    switch source {
    case .pictures(let paths): paths.count
    case .video(_, let frames, _): frames.count
    }
  }

  /// The network's inputs: [count * 3, side * side], (value - 127) / 128.
  package func read(side: Int, into planes: MutableRows) throws {
    precondition(planes.rows == 3 * count && planes.columns == side * side && planes.isDense)
    let covering = Int((Double(side) / smallestCrop.squareRoot()).rounded(.up))
    switch source {
    case .pictures(let paths):
      for (index, path) in paths.enumerated() {
        let picture = try Picture(contentsOf: path, options: DecodeOptions(coveringSide: covering))
        change(picture.image, side: side, into: planes[3 * index..<3 * (index + 1)])
      }
    case .video(let path, let frames, let count):
      let images = try evenFrames(of: path, count: count, coveringSide: covering)
      for (index, frame) in frames.enumerated() {
        change(images[frame], side: side, into: planes[3 * index..<3 * (index + 1)])
      }
    }
  }

  private func change(_ image: Image, side: Int, into planes: MutableRows) {
    var random = random
    var image = cut(image, &random).resized(width: side, height: side)
    if isMirrored { image = image.mirrored }
    narrate_normalize_rgb(image.pixels, planes.base, side * side, side * side, 127, 1 / 128)
    shiftColors(planes, &random)
  }

  /// A rectangle of random size, its proportions to the picture's at most as 5 to 4, at a random position.
  private func cut(_ image: Image, _ random: inout RandomGenerator) -> Image {
    let area = smallestCrop + (1 - smallestCrop) * Double(random.uniform())
    let least = max(area, 0.8)
    let stretch = least + (1 / least - least) * Double(random.uniform())
    let width = min(image.width, max(1, Int((Double(image.width) * (area * stretch).squareRoot()).rounded())))
    let height = min(
      image.height, max(1, Int((Double(image.height) * (area / stretch).squareRoot()).rounded())))
    return image.part(
      left: random.integer(below: image.width - width + 1),
      top: random.integer(below: image.height - height + 1), width: width, height: height)
  }

  private func shiftColors(_ planes: MutableRows, _ random: inout RandomGenerator) {
    guard color > 0 else { return }
    func factor() -> Float { 1 + Float(color) * (2 * random.uniform() - 1) }
    let (brightness, contrast, saturation) = (factor() - 1, factor(), factor())
    let (red, green, blue) = (planes[0], planes[1], planes[2])
    for pixel in 0..<planes.columns {
      let gray = luma(red[pixel], green[pixel], blue[pixel])
      let offset = (1 - saturation) * gray * contrast + brightness
      let gain = saturation * contrast
      red[pixel] = max(-1, min(1, gain * red[pixel] + offset))
      green[pixel] = max(-1, min(1, gain * green[pixel] + offset))
      blue[pixel] = max(-1, min(1, gain * blue[pixel] + offset))
    }
  }
}
