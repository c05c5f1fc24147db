import Media

/// How frames differ from those before them, in figures that need no learning: color histograms (as TransNetV2 has them,
/// Souček and Lokoč 2020), pixels, and structure apart from brightness.
package struct FrameComparison {
  /// How many frames back.
  package static let lags = [1, 2, 4, 8, 16]
  /// Histogram, pixels, structure; for each lag.
  package static let count = 3 * lags.count
  private static let kept = lags[lags.count - 1] + 1

  /// A frame made ready to be compared.
  private struct Frame {
    let thumbnail: Thumbnail
    /// Share of the pixels in each of 8 × 8 × 8 colors.
    let histogram: [Float]
    /// Luma less its mean.
    let luma: [Float]
    /// Root of the sum of its squares.
    let contrast: Float

    init(_ thumbnail: Thumbnail) {
      var histogram = [Float](repeating: 0, count: 512)
      var luma = [Float](repeating: 0, count: Thumbnail.pixels)
      var sum: Float = 0
      thumbnail.values.withUnsafeBufferPointer { v in
        for pixel in 0..<Thumbnail.pixels {
          let (r, g, b) = (v[3 * pixel], v[3 * pixel + 1], v[3 * pixel + 2])
          histogram[Int(r >> 5) << 6 | Int(g >> 5) << 3 | Int(b >> 5)] += 1 / Float(Thumbnail.pixels)
          luma[pixel] = Media.luma(Float(r), Float(g), Float(b))
          sum += luma[pixel]
        }
      }
      let mean = sum / Float(Thumbnail.pixels)
      var squares: Float = 0
      for pixel in luma.indices {
        luma[pixel] -= mean
        squares += luma[pixel] * luma[pixel]
      }
      (self.thumbnail, self.histogram, self.luma, contrast) = (
        thumbnail, histogram, luma, squares.squareRoot()
      )
    }
  }

  private var frames: [Frame] = []
  private var next = 0

  package init() {}

  /// Compares the next frame with those before it; the first frame stands for those before it.
  /// - Returns: for each lag: the share of pixels of other colors, 0 to 1; four times the mean difference of values, 0 to 4;
  ///   1 less the correlation of the luma, 0 to 2.
  package mutating func append(_ thumbnail: Thumbnail) -> [Float] {
    let frame = Frame(thumbnail)
    if frames.isEmpty {
      frames = Array(repeating: frame, count: Self.kept)
    } else {
      frames[next % Self.kept] = frame
    }
    defer { next += 1 }
    return Self.lags.flatMap { lag in
      Self.difference(frame, frames[max(0, next - lag) % Self.kept])
    }
  }

  private static func difference(_ a: Frame, _ b: Frame) -> [Float] {
    var shared: Float = 0
    for bin in a.histogram.indices { shared += min(a.histogram[bin], b.histogram[bin]) }
    var distance = 0
    a.thumbnail.values.withUnsafeBufferPointer { x in
      b.thumbnail.values.withUnsafeBufferPointer { y in
        for index in x.indices { distance += abs(Int(x[index]) - Int(y[index])) }
      }
    }
    var product: Float = 0
    for pixel in a.luma.indices { product += a.luma[pixel] * b.luma[pixel] }
    let scale = a.contrast * b.contrast
    // Of even frames nothing is known: they count as alike.
    let correlation = scale > 1 ? product / scale : 1
    return [1 - shared, 4 * Float(distance) / Float(255 * 3 * Thumbnail.pixels), 1 - correlation]
  }
}
