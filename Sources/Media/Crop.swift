extension Image {
  /// The middle of the image.
  /// - Precondition: it is no larger than the image.
  package func middle(width newWidth: Int, height newHeight: Int) -> Image {
    precondition(newWidth <= width && newHeight <= height)
    if newWidth == width && newHeight == height { return self }
    let (left, top) = ((width - newWidth) / 2, (height - newHeight) / 2)
    var cut: [UInt8] = []
    cut.reserveCapacity(newWidth * newHeight * 3)
    for row in top..<top + newHeight {
      let start = (row * width + left) * 3
      cut += pixels[start..<start + newWidth * 3]
    }
    return Image(width: newWidth, height: newHeight, pixels: cut)
  }
}
