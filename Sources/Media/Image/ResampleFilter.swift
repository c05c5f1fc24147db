import Glibc

/// The weights by which one axis is resampled: for each new position, a window of old ones.
///
/// As Pillow's `Resample.c`: the window widens when shrinking, so that every old pixel counts and nothing
/// aliases; positions beyond the border are left out and the rest sum to 1. Owns its memory.
struct ResampleFilter: ~Copyable {
  /// One new position.
  struct Window {
    /// The first old position that counts.
    let start: Int
    /// A weight for each old position from `start` on; their sum is 1.
    let weights: UnsafeBufferPointer<Float>
  }

  /// One window for each new position, their starts ascending; valid as long as the filter lives.
  let windows: UnsafeBufferPointer<Window>
  /// The most old positions that a window has.
  let width: Int
  private let weights: UnsafeMutablePointer<Float>

  init(from oldSize: Int, to newSize: Int, _ kind: Resampling) {
    let scale = Double(oldSize) / Double(newSize)
    let (kernel, reach): (@Sendable (Double) -> Double, Double) =
      switch kind {
      case .usual: scale > 1 ? (lanczos3, 3) : (cubic, 2)
      case .lanczos: (lanczos3, 3)
      case .bicubic: (cubic, 2)
      case .bilinear: (triangle, 1)
      }
    let stretch = max(scale, 1)
    let support = reach * stretch
    width = Int(support.rounded(.up)) * 2 + 1
    weights = .allocate(capacity: newSize * width)
    let windows = UnsafeMutableBufferPointer<Window>.allocate(capacity: newSize)
    for position in 0..<newSize {
      let center = (Double(position) + 0.5) * scale
      let start = max(Int(center - support + 0.5), 0)
      let end = min(Int(center + support + 0.5), oldSize)
      let values = (start..<end).map { kernel((Double($0) - center + 0.5) / stretch) }
      let sum = values.reduce(0, +)
      let own = UnsafeMutableBufferPointer(start: weights + position * width, count: values.count)
      for (index, value) in values.enumerated() { own.initializeElement(at: index, to: Float(value / sum)) }
      windows.initializeElement(at: position, to: Window(start: start, weights: UnsafeBufferPointer(own)))
    }
    self.windows = UnsafeBufferPointer(windows)
  }

  deinit {
    windows.deallocate()
    weights.deallocate()
  }
}

/// How pixels are weighed when a picture gets another size.
package enum Resampling: String, Codable, Sendable {
  /// Lanczos where it shrinks, bicubic where it grows.
  case usual
  /// Three lobes.
  case lanczos
  /// The cubic of Keys 1981 with a = −0.5.
  case bicubic
  case bilinear
}

@Sendable private func triangle(_ x: Double) -> Double { max(0, 1 - abs(x)) }

@Sendable private func lanczos3(_ x: Double) -> Double {
  if x == 0 { return 1 }
  if abs(x) >= 3 { return 0 }
  let angle = x * .pi
  return 3 * sin(angle) * sin(angle / 3) / (angle * angle)
}

@Sendable private func cubic(_ x: Double) -> Double {
  let (x, a) = (abs(x), -0.5)
  if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
  if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
  return 0
}
