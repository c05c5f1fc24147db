extension Image {
  /// The image at another size, each axis on its own: Lanczos (3 lobes, anti-aliased) where it shrinks, a
  /// Catmull-Rom cubic where it grows. Within 1 level of Pillow's `resize` with `LANCZOS` or `BICUBIC`.
  /// - Precondition: both sides are above 0.
  public func resized(width newWidth: Int, height newHeight: Int) -> Image {
    resized(width: newWidth, height: newHeight, by: .usual)
  }

  /// The image at another size, its pixels weighed in a way of your own choice: within 1 level of Pillow's `resize`.
  /// - Precondition: both sides are above 0.
  package func resized(width newWidth: Int, height newHeight: Int, by kind: Resampling) -> Image {
    precondition(newWidth > 0 && newHeight > 0)
    if newWidth == width && newHeight == height { return self }
    let resized = [UInt8](unsafeUninitializedCapacity: newWidth * newHeight * 3) { target, count in
      pixels.withUnsafeBufferPointer { source in
        let across = ResampleFilter(from: width, to: newWidth, kind)
        let down = ResampleFilter(from: height, to: newHeight, kind)
        var rows = RowWindow(source, width: width, filter: across, capacity: down.width)
        for y in 0..<newHeight {
          let window = down.windows[y]
          rows.advance(through: window.start + window.weights.count - 1)
          let row = target[y * newWidth * 3..<(y + 1) * newWidth * 3]
          rows.blend(from: window.start, weights: window.weights, into: .init(rebasing: row))
        }
      }
      count = newWidth * newHeight * 3
    }
    return Image(width: newWidth, height: newHeight, pixels: resized)
  }
}
