import Media

/// Whether anything moves in a window: a look at frames made very small, a thousandth of what the network costs.
package enum Stillness {
  /// Side of the squares whose mean is compared, in pixels.
  static let block = 16
  /// Gray levels that a square's mean may change by: noise and flicker stay below.
  static let limit = 2.0

  /// - Parameter frames: of equal size
  package static func holds(_ frames: [Image]) -> Bool {
    guard let first = frames.first else { return true }
    let start = means(first)
    return frames.dropFirst().allSatisfy { frame in
      zip(start, means(frame)).allSatisfy { abs($0 - $1) <= limit }
    }
  }

  /// The mean of red, green and blue over each square.
  private static func means(_ image: Image) -> [Double] {
    let (rows, columns) = (max(1, image.height / block), max(1, image.width / block))
    var sums = [Int](repeating: 0, count: rows * columns)
    image.pixels.withUnsafeBufferPointer { pixels in
      for row in 0..<min(image.height, rows * block) {
        for column in 0..<columns {
          let start = (row * image.width + column * block) * 3
          var sum = 0
          for index in start..<start + min(block, image.width) * 3 { sum += Int(pixels[index]) }
          sums[row / block * columns + column] += sum
        }
      }
    }
    let count = Double(min(block, image.height) * min(block, image.width) * 3)
    return sums.map { Double($0) / count }
  }
}
