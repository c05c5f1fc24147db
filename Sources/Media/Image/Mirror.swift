extension Image {
  /// The picture with left and right exchanged.
  public var mirrored: Image {
    var result = self
    for row in 0..<height {
      for column in 0..<width {
        let (from, to) = ((row * width + column) * 3, (row * width + width - 1 - column) * 3)
        for channel in 0..<3 { result.pixels[to + channel] = pixels[from + channel] }
      }
    }
    return result
  }
}
