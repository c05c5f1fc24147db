extension Image {
  /// The image as it was seen when stored with `orientation`.
  func upright(from orientation: Orientation, path: String) throws(MediaError) -> Image {
    if orientation == .up { return self }
    let (newWidth, newHeight) = orientation.swapsSides ? (height, width) : (width, height)
    // The stored pixel of the upright (x, y) is `origin + x * across + y * down`.
    let (right, bottom) = (width - 1, (height - 1) * width)
    let (origin, across, down) =
      switch orientation {
      case .up: (0, 1, width)
      case .mirroredHorizontally: (right, -1, width)
      case .upsideDown: (bottom + right, -1, -width)
      case .mirroredVertically: (bottom, 1, -width)
      case .transposed: (0, width, 1)
      case .turnedLeft: (bottom, -width, 1)
      case .transversed: (bottom + right, -width, -1)
      case .turnedRight: (right, width, -1)
      }
    try requireMemory(pixels.count, path: path)
    // By tiles: a row of one is a column of the other, and each pixel alone would miss the cache.
    let tile = 32
    let turned = [UInt8](unsafeUninitializedCapacity: pixels.count) { target, count in
      pixels.withUnsafeBufferPointer { source in
        for top in stride(from: 0, to: newHeight, by: tile) {
          for left in stride(from: 0, to: newWidth, by: tile) {
            for y in top..<min(top + tile, newHeight) {
              for x in left..<min(left + tile, newWidth) {
                let from = (origin + x * across + y * down) * 3
                let to = (y * newWidth + x) * 3
                target[to] = source[from]
                target[to + 1] = source[from + 1]
                target[to + 2] = source[from + 2]
              }
            }
          }
        }
      }
      count = pixels.count
    }
    return Image(width: newWidth, height: newHeight, pixels: turned)
  }
}
