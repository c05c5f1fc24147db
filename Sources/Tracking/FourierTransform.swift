import Foundation

/// The discrete Fourier transform of squares whose side is a power of two (Cooley and Tukey 1965). Whole rows go through a butterfly
/// at once. What it gives is turned over, rows for columns: products of spectra do not mind, and the inverse turns it back.
package struct FourierTransform: Sendable {
  package let side: Int
  /// Of the first half of the circle.
  private let cosines, sines: [Float]
  private let reversed: [Int]

  package init(side: Int) {
    precondition(side > 1 && side & (side - 1) == 0)
    self.side = side
    let angles = (0..<side / 2).map { -2 * Double.pi * Double($0) / Double(side) }
    (cosines, sines) = (angles.map { Float(cos($0)) }, angles.map { Float(sin($0)) })
    let bits = side.trailingZeroBitCount
    reversed = (0..<side).map { index in (0..<bits).reduce(0) { $0 << 1 | index >> $1 & 1 } }
  }

  /// In place; not scaled.
  /// - Parameters: the real and the imaginary parts, [side, side] each
  package func forward(_ real: UnsafeMutablePointer<Float>, _ imaginary: UnsafeMutablePointer<Float>) {
    columns(real, imaginary)
    transpose(real)
    transpose(imaginary)
    columns(real, imaginary)
  }

  /// In place, scaled so that it undoes `forward`.
  package func inverse(_ real: UnsafeMutablePointer<Float>, _ imaginary: UnsafeMutablePointer<Float>) {
    // With real and imaginary parts exchanged, forward is backward.
    forward(imaginary, real)
    let scale = 1 / Float(side * side)
    for index in 0..<side * side {
      real[index] *= scale
      imaginary[index] *= scale
    }
  }

  private func columns(_ real: UnsafeMutablePointer<Float>, _ imaginary: UnsafeMutablePointer<Float>) {
    for (row, other) in reversed.enumerated() where row < other {
      for column in 0..<side {
        swap(&real[row * side + column], &real[other * side + column])
        swap(&imaginary[row * side + column], &imaginary[other * side + column])
      }
    }
    var half = 1
    while half < side {
      for start in stride(from: 0, to: side, by: half * 2) {
        for turn in 0..<half {
          let (cosine, sine) = (cosines[turn * (side / half / 2)], sines[turn * (side / half / 2)])
          let (upper, lower) = ((start + turn) * side, (start + turn + half) * side)
          let (realUpper, realLower) = (real + upper, real + lower)
          let (imaginaryUpper, imaginaryLower) = (imaginary + upper, imaginary + lower)
          for column in 0..<side {
            let (a, b) = (realLower[column], imaginaryLower[column])
            let (c, d) = (a * cosine - b * sine, a * sine + b * cosine)
            realLower[column] = realUpper[column] - c
            imaginaryLower[column] = imaginaryUpper[column] - d
            realUpper[column] += c
            imaginaryUpper[column] += d
          }
        }
      }
      half *= 2
    }
  }

  private func transpose(_ values: UnsafeMutablePointer<Float>) {
    for row in 0..<side {
      for column in 0..<row { swap(&values[row * side + column], &values[column * side + row]) }
    }
  }
}
