/// One pixel while it is resampled: red, green and blue as 0…255, and a lane that only fills the register.
private typealias Pixel = SIMD4<Float>

/// The last few rows of an image, resampled horizontally: what the vertical pass looks at, and no more, so
/// that it stays in the cache. Owns its memory.
struct RowWindow: ~Copyable {
  private let source: UnsafeBufferPointer<UInt8>
  private let filter: ResampleFilter
  /// Rows kept.
  private let capacity: Int
  /// `capacity` rows of `newWidth` pixels; row `n` is at `n % capacity`.
  private let rows: UnsafeMutablePointer<Pixel>
  /// The source row at hand, `width` pixels.
  private let line: UnsafeMutablePointer<Pixel>
  private let width: Int
  private let newWidth: Int
  /// The first source row not yet taken.
  private var next = 0

  /// - Parameters:
  ///   - source: RGB rows of `width` pixels, in place as long as this lives.
  ///   - capacity: how many are kept.
  init(_ source: UnsafeBufferPointer<UInt8>, width: Int, filter: consuming ResampleFilter, capacity: Int) {
    self.source = source
    self.capacity = capacity
    self.width = width
    newWidth = filter.windows.count
    self.filter = filter
    rows = .allocate(capacity: capacity * newWidth)
    rows.initialize(repeating: .zero, count: capacity * newWidth)
    line = .allocate(capacity: width)
    line.initialize(repeating: .zero, count: width)
  }

  deinit {
    rows.deallocate()
    line.deallocate()
  }

  /// Takes source rows until `last` is in the window.
  mutating func advance(through last: Int) {
    // Rows that leave the window unseen need no work.
    next = max(next, last + 1 - capacity)
    while next <= last {
      takeRow(next)
      next += 1
    }
  }

  private func takeRow(_ row: Int) {
    // A picture has at least one pixel.
    let start = source.baseAddress! + row * width * 3
    for x in 0..<width {
      let pixel = start + 3 &* x
      line[x] = Pixel(Float(pixel[0]), Float(pixel[1]), Float(pixel[2]), 0)
    }
    let target = rows + row % capacity * newWidth
    for x in 0..<newWidth {
      let window = filter.windows[x]
      let (from, weights) = (line + window.start, window.weights)
      // Two sums, so that one addition need not wait for the other.
      var (even, odd) = (Pixel.zero, Pixel.zero)
      var index = 0
      while index &+ 1 < weights.count {
        even += from[index] * weights[index]
        odd += from[index &+ 1] * weights[index &+ 1]
        index &+= 2
      }
      if index < weights.count { even += from[index] * weights[index] }
      target[x] = rounded(even + odd) - wholeNumbers
    }
  }

  /// Writes one row of the result: the rows of the window from `first` on, weighted and summed.
  func blend(
    from first: Int, weights: UnsafeBufferPointer<Float>, into target: UnsafeMutableBufferPointer<UInt8>
  ) {
    precondition(target.count == newWidth * 3 && first + weights.count <= next && weights.count <= capacity)
    withUnsafeTemporaryAllocation(of: UnsafePointer<Pixel>.self, capacity: weights.count) { taps in
      for index in 0..<weights.count {
        taps.initializeElement(at: index, to: UnsafePointer(rows + (first + index) % capacity * newWidth))
      }
      // A row has at least one pixel.
      let bytes = target.baseAddress!
      var x = 0
      while x &+ 4 <= newWidth {
        var (a, b, c, d) = (Pixel.zero, Pixel.zero, Pixel.zero, Pixel.zero)
        for index in 0..<weights.count {
          let (from, weight) = (taps[index] + x, Pixel(repeating: weights[index]))
          a += from[0] * weight
          b += from[1] * weight
          c += from[2] * weight
          d += from[3] * weight
        }
        let to = bytes + 3 &* x
        store(a, to)
        store(b, to + 3)
        store(c, to + 6)
        store(d, to + 9)
        x &+= 4
      }
      while x < newWidth {
        var sum = Pixel.zero
        for index in 0..<weights.count { sum += taps[index][x] * weights[index] }
        store(sum, bytes + 3 &* x)
        x &+= 1
      }
    }
  }
}

@inline(__always)
private func store(_ sum: Pixel, _ target: UnsafeMutablePointer<UInt8>) {
  let level = unsafeBitCast(rounded(sum), to: SIMD4<UInt32>.self)
  target[0] = UInt8(truncatingIfNeeded: level.x)
  target[1] = UInt8(truncatingIfNeeded: level.y)
  target[2] = UInt8(truncatingIfNeeded: level.z)
}

/// 2²³: a `Float` from here on has no fraction, and its low bits are the number. So adding it rounds, where
/// conversions of vectors compile to slow code.
@inline(__always)
private var wholeNumbers: Pixel { Pixel(repeating: 8_388_608) }

/// `wholeNumbers` and the nearest level of 0…255, a half going up: Pillow, too, rounds and holds to these after each
/// pass.
@inline(__always)
private func rounded(_ sum: Pixel) -> Pixel {
  // Not `pointwiseMin` and `pointwiseMax`, which go lane by lane.
  let positive = sum.replacing(with: 0, where: sum .< 0)
  let held = positive.replacing(with: 255, where: positive .> 255)
  // The addition takes a half to the even side. A little more than the sum's own error sends it up.
  return held + Pixel(repeating: 1 / 16384) + wholeNumbers
}
