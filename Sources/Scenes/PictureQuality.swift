import Media

/// How good a picture a frame makes, apart from what it shows.
package enum PictureQuality {
  /// From 0 to 1: sharpness times exposure.
  /// - Sharpness is the spread of a Laplacian of the luma (Pech-Pacheco et al. 2000), exposure the share of pixels that are neither
  ///   black nor white and the contrast between them.
  package static func score(_ image: Image) -> Float {
    let (wide, high) = (image.width, image.height)
    guard wide > 2, high > 2 else { return 0 }
    var luma = [Float](repeating: 0, count: wide * high)
    var (clipped, sum, squares) = (0, Float(0), Float(0))
    image.pixels.withUnsafeBufferPointer { v in
      for pixel in luma.indices {
        let value = Media.luma(Float(v[3 * pixel]), Float(v[3 * pixel + 1]), Float(v[3 * pixel + 2]))
        luma[pixel] = value
        sum += value
        squares += value * value
        if value < 16 || value > 240 { clipped += 1 }
      }
    }
    let count = Float(luma.count)
    let contrast = max(0, squares / count - (sum / count) * (sum / count)).squareRoot()
    var (edges, edgeSquares) = (Float(0), Float(0))
    luma.withUnsafeBufferPointer { l in
      for y in 1..<high - 1 {
        for x in 1..<wide - 1 {
          let at = y * wide + x
          let value = 4 * l[at] - l[at - 1] - l[at + 1] - l[at - wide] - l[at + wide]
          edges += value
          edgeSquares += value * value
        }
      }
    }
    let inner = Float((wide - 2) * (high - 2))
    let spread = max(0, edgeSquares / inner - (edges / inner) * (edges / inner)).squareRoot()
    let sharpness = spread / (spread + 8)
    let exposure = (1 - Float(clipped) / count) * (contrast / (contrast + 20))
    return sharpness * exposure
  }

  /// Whether there is nothing to be seen but one color, give or take the noise of a codec.
  package static func isPlain(_ image: Image) -> Bool {
    let (low, high) = range(image)
    return zip(low, high).allSatisfy { Int($1) - Int($0) < 12 }
  }

  /// Whether there is nothing to be seen but black or white, which fades leave.
  package static func isBlank(_ image: Image) -> Bool {
    let (low, high) = range(image)
    return isPlain(image) && (high.allSatisfy { $0 < 32 } || low.allSatisfy { $0 > 224 })
  }

  /// The least and the greatest value of each color.
  private static func range(_ image: Image) -> (low: [UInt8], high: [UInt8]) {
    var (low, high) = ([UInt8](repeating: 255, count: 3), [UInt8](repeating: 0, count: 3))
    // The border may be of another color.
    for y in stride(from: image.height / 8, to: max(image.height * 7 / 8, 1), by: 4) {
      for x in stride(from: image.width / 8, to: max(image.width * 7 / 8, 1), by: 4) {
        for color in 0..<3 {
          let value = image.pixels[(y * image.width + x) * 3 + color]
          low[color] = min(low[color], value)
          high[color] = max(high[color], value)
        }
      }
    }
    return (low, high)
  }
}
