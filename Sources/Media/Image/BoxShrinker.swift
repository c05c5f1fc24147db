/// An image made smaller by a whole number while its rows come in: each pixel is the mean of a square. Keeps the result and one
/// row of sums alone.
struct BoxShrinker {
  private let width: Int
  private let factor: Int
  private let newWidth: Int
  private let newHeight: Int
  /// Of the squares at hand: red, green and blue.
  private var sums: [UInt32]
  /// Rows in the sums.
  private var rows = 0
  private var pixels: [UInt8] = []

  /// - Parameters:
  ///   - width: of the rows that come, in pixels
  ///   - height: how many come
  ///   - factor: pixels of a square's side, 1 to 4,000; what is left of the last ones counts too.
  init(width: Int, height: Int, factor: Int) {
    precondition((1...4000).contains(factor))
    (self.width, self.factor) = (width, factor)
    (newWidth, newHeight) = ((width + factor - 1) / factor, (height + factor - 1) / factor)
    sums = Array(repeating: 0, count: newWidth * 3)
    pixels.reserveCapacity(newWidth * newHeight * 3)
  }

  /// Takes the next row.
  /// - Parameter row: RGB, `width * 3` bytes
  mutating func add(_ row: UnsafeBufferPointer<UInt8>) {
    precondition(row.count == width * 3)
    if factor == 1 { return pixels.append(contentsOf: row) }
    sums.withUnsafeMutableBufferPointer { sums in
      var (target, inSquare) = (0, 0)
      for source in stride(from: 0, to: row.count, by: 3) {
        for channel in 0..<3 { sums[target + channel] += UInt32(row[source + channel]) }
        inSquare += 1
        if inSquare == factor { (target, inSquare) = (target + 3, 0) }
      }
    }
    rows += 1
    if rows == factor { finishRow() }
  }

  private mutating func finishRow() {
    for x in 0..<newWidth {
      let count = UInt32(rows * min(factor, width - x * factor))
      for channel in 0..<3 {
        pixels.append(UInt8(truncatingIfNeeded: (sums[x * 3 + channel] + count / 2) / count))
        sums[x * 3 + channel] = 0
      }
    }
    rows = 0
  }

  /// The image, when all rows have come; those that have not are white.
  mutating func image() -> Image {
    if rows > 0 { finishRow() }
    let missing = newWidth * newHeight * 3 - pixels.count
    pixels.append(contentsOf: repeatElement(255, count: max(0, missing)))
    return Image(width: newWidth, height: newHeight, pixels: pixels)
  }
}

extension Image {
  /// The image made smaller by a whole number.
  func boxShrunk(by factor: Int) -> Image {
    if factor == 1 { return self }
    var shrinker = BoxShrinker(width: width, height: height, factor: factor)
    pixels.withUnsafeBufferPointer { pixels in
      for row in 0..<height {
        shrinker.add(UnsafeBufferPointer(rebasing: pixels[row * width * 3..<(row + 1) * width * 3]))
      }
    }
    return shrinker.image()
  }
}
