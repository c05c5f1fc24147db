import Algorithms
import Media
import Narration

/// One word's attention, enlarged to the size of a picture and scaled to 0…1.
struct AttentionMap {
  /// Row-major from the top left, `width * height` of them: 0 where the network looked least, 1 where most.
  private(set) var values: [Float]

  /// Enlarges with the cubic B-spline, which is smooth and stays between its neighbors' values.
  init(_ weights: [Float], rows: Int, columns: Int, width: Int, height: Int) {
    precondition(weights.count == rows * columns, "attention does not fit its grid")
    // Damaged weights can make a network say anything.
    let weights = weights.map { $0.isFinite ? $0 : 0 }
    let across = (0..<width).map { Self.taps($0, of: width, cells: columns) }
    let down = (0..<height).map { Self.taps($0, of: height, cells: rows) }
    // Enlarged across first: [rows, width].
    var wide = [Float](repeating: 0, count: rows * width)
    for row in 0..<rows {
      for x in 0..<width {
        for (cell, share) in across[x] { wide[row * width + x] += share * weights[row * columns + cell] }
      }
    }
    values = [Float](repeating: 0, count: height * width)
    for y in 0..<height {
      for (cell, share) in down[y] {
        for x in 0..<width { values[y * width + x] += share * wide[cell * width + x] }
      }
    }
    scale(mean: weights.reduce(0, +) / Float(weights.count))
  }

  /// The least becomes 0 and the most 1. Attention that is nearly even stays nearly even: noise must not look
  /// like a choice.
  private mutating func scale(mean: Float) {
    guard let (least, most) = values.minAndMax() else { return }
    let range = max(most - least, mean, .leastNormalMagnitude)
    for index in values.indices { values[index] = (values[index] - least) / range }
  }

  /// The picture lit by the attention: dark and nearly gray where there is none, in its colors with a warm
  /// light where there is most.
  /// - Precondition: `tile` has the size of the map.
  func lit(_ tile: Image) -> Image {
    precondition(tile.width * tile.height == values.count)
    var result = tile
    for (pixel, light) in values.enumerated() {
      let offset = 3 * pixel
      let (red, green, blue) = (
        Float(tile.pixels[offset]), Float(tile.pixels[offset + 1]), Float(tile.pixels[offset + 2])
      )
      let gray = luma(red, green, blue)
      let glow = 0.48 * light * light
      func mix(_ color: Float, towards warm: Float) -> UInt8 {
        let dark = 0.34 * (0.7 * gray + 0.3 * color)
        let bright = dark + (color - dark) * light
        return UInt8(min(255, max(0, bright + (warm - bright) * glow + 0.5)))
      }
      result.pixels[offset] = mix(red, towards: 255)
      result.pixels[offset + 1] = mix(green, towards: 176)
      result.pixels[offset + 2] = mix(blue, towards: 48)
    }
    return result
  }

  /// Cells that pixel `position` of `size` depends on, with their shares, which sum to 1. Beyond the border
  /// the outermost cell goes on.
  private static func taps(_ position: Int, of size: Int, cells: Int) -> [(cell: Int, share: Float)] {
    let center = (Float(position) + 0.5) * Float(cells) / Float(size) - 0.5
    let first = center.rounded(.down)
    let t = center - first
    let shares = [
      (1 - t) * (1 - t) * (1 - t) / 6, (3 * t * t * t - 6 * t * t + 4) / 6,
      (-3 * t * t * t + 3 * t * t + 3 * t + 1) / 6, t * t * t / 6,
    ]
    return shares.enumerated().map { (min(cells - 1, max(0, Int(first) - 1 + $0)), $1) }
  }
}
