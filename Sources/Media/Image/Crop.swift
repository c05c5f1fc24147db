extension Image {
  /// The middle of the image.
  /// - Precondition: it is no larger than the image.
  package func middle(width newWidth: Int, height newHeight: Int) -> Image {
    precondition(newWidth <= width && newHeight <= height)
    return part(
      left: (width - newWidth) / 2, top: (height - newHeight) / 2, width: newWidth, height: newHeight)
  }

  /// A rectangle of the image.
  /// - Precondition: it lies within the image and is not empty.
  package func part(left: Int, top: Int, width newWidth: Int, height newHeight: Int) -> Image {
    precondition(left >= 0 && top >= 0 && newWidth > 0 && newHeight > 0)
    precondition(left + newWidth <= width && top + newHeight <= height)
    if newWidth == width && newHeight == height { return self }
    var cut: [UInt8] = []
    cut.reserveCapacity(newWidth * newHeight * 3)
    for row in top..<top + newHeight {
      let start = (row * width + left) * 3
      cut += pixels[start..<start + newWidth * 3]
    }
    return Image(width: newWidth, height: newHeight, pixels: cut)
  }
}
