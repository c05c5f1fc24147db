/// A window that moves over an image, [height, width, channels], by even steps, and where it stands. What lies outside is a
/// border.
package struct SlidingWindow: Sendable, Equatable {
  /// [height, width] of the image
  package let extent: [Int]
  package let kernel: [Int]
  package let stride: [Int]
  /// How far the first window reaches over the border along each axis.
  package let before: [Int]

  /// - Precondition: two axes each.
  package init(extent: [Int], kernel: [Int], stride: [Int], before: [Int]) {
    precondition([extent, kernel, stride, before].allSatisfy { $0.count == 2 })
    (self.extent, self.kernel, self.stride, self.before) = (extent, kernel, stride, before)
  }

  /// TensorFlow's SAME padding: `ceil(size / stride)` windows along an axis, an odd padding's larger part after the end.
  package init(same extent: [Int], kernel: [Int], stride: [Int]) {
    let before = (0..<2).map { axis in
      let windows = (extent[axis] + stride[axis] - 1) / stride[axis]
      return max(0, (windows - 1) * stride[axis] + kernel[axis] - extent[axis]) / 2
    }
    self.init(extent: extent, kernel: kernel, stride: stride, before: before)
  }

  /// Windows along each axis.
  package var reduced: [Int] { (0..<2).map { (extent[$0] + stride[$0] - 1) / stride[$0] } }
  /// Windows in all.
  package var count: Int { reduced[0] * reduced[1] }
  /// Positions of a window.
  package var parts: Int { kernel[0] * kernel[1] }
  /// Positions of the image.
  package var positions: Int { extent[0] * extent[1] }

  /// Every position of every window: its number among the parts of all windows, and its position; nil beyond the border.
  @inline(__always)
  func eachPart(_ body: (_ part: Int, _ position: Int?) -> Void) {
    let (rows, columns) = (extent[0], extent[1])
    var part = 0
    func range(_ axis: Int, _ window: Int) -> Range<Int> {
      let start = window * stride[axis] - before[axis]
      return start..<start + kernel[axis]
    }
    let reduced = reduced
    for top in 0..<reduced[0] {
      for left in 0..<reduced[1] {
        for y in range(0, top) {
          for x in range(1, left) {
            let isInside = y >= 0 && y < rows && x >= 0 && x < columns
            body(part, isInside ? y * columns + x : nil)
            part += 1
          }
        }
      }
    }
  }
}
