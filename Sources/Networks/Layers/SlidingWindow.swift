/// A window that moves over an image or a clip by even steps, and where it stands. What lies outside is a border.
/// Images are [height, width, channels], clips [frames, height, width, channels], row-major.
package struct SlidingWindow: Sendable, Equatable {
  /// Along frames, rows and columns; an image has one frame.
  package let extent: [Int]
  package let kernel: [Int]
  package let stride: [Int]
  /// How far the first window reaches over the border along each axis.
  package let before: [Int]

  /// - Precondition: three axes each.
  package init(extent: [Int], kernel: [Int], stride: [Int], before: [Int]) {
    precondition([extent, kernel, stride, before].allSatisfy { $0.count == 3 })
    (self.extent, self.kernel, self.stride, self.before) = (extent, kernel, stride, before)
  }

  /// TensorFlow's SAME padding: `ceil(size / stride)` windows along an axis, an odd padding's larger part after the end.
  package init(same extent: [Int], kernel: [Int], stride: [Int]) {
    let before = (0..<3).map { axis in
      let windows = (extent[axis] + stride[axis] - 1) / stride[axis]
      return max(0, (windows - 1) * stride[axis] + kernel[axis] - extent[axis]) / 2
    }
    self.init(extent: extent, kernel: kernel, stride: stride, before: before)
  }

  /// Windows along each axis.
  package var reduced: [Int] { (0..<3).map { (extent[$0] + stride[$0] - 1) / stride[$0] } }
  /// Windows in all.
  package var count: Int { reduced.reduce(1, *) }
  /// Positions of a window.
  package var parts: Int { kernel.reduce(1, *) }
  /// Positions of the image or clip.
  package var positions: Int { extent.reduce(1, *) }

  /// Every position of every window: its number among the parts of all windows, and its position; nil beyond the border.
  @inline(__always)
  func eachPart(_ body: (_ part: Int, _ position: Int?) -> Void) {
    let (rows, columns) = (extent[1], extent[2])
    var part = 0
    func range(_ axis: Int, _ window: Int) -> Range<Int> {
      let start = window * stride[axis] - before[axis]
      return start..<start + kernel[axis]
    }
    let reduced = reduced
    for front in 0..<reduced[0] {
      for top in 0..<reduced[1] {
        for left in 0..<reduced[2] {
          for t in range(0, front) {
            for y in range(1, top) {
              for x in range(2, left) {
                let isInside =
                  t >= 0 && t < extent[0] && y >= 0 && y < rows && x >= 0 && x < columns
                body(part, isInside ? (t * rows + y) * columns + x : nil)
                part += 1
              }
            }
          }
        }
      }
    }
  }
}
