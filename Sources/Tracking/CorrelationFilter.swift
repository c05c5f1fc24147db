import Foundation

/// Channels of a square's features as they are known to filters: tapered towards the border and transformed.
struct Spectra {
  let channels: Int
  /// [channel, column, row], as `FourierTransform` gives it.
  private(set) var real, imaginary: [Float]

  /// - Parameters:
  ///   - features: [channel, row, column]; each channel's mean is taken away, and all are brought to the same energy
  ///   - taper: [row, column]
  init(_ features: [Float], channels: Int, taper: [Float], _ transform: FourierTransform) {
    let count = transform.side * transform.side
    precondition(features.count == channels * count && taper.count == count)
    self.channels = channels
    real = features
    imaginary = [Float](repeating: 0, count: features.count)
    var energy: Float = 0
    for channel in 0..<channels {
      var sum: Float = 0
      for index in channel * count..<(channel + 1) * count { sum += real[index] }
      let mean = sum / Float(count)
      for index in 0..<count {
        let value = (real[channel * count + index] - mean) * taper[index]
        real[channel * count + index] = value
        energy += value * value
      }
    }
    let scale = 1 / max(energy / Float(count), 1e-12).squareRoot()
    real.withUnsafeMutableBufferPointer { real in
      imaginary.withUnsafeMutableBufferPointer { imaginary in
        guard let real = real.baseAddress, let imaginary = imaginary.baseAddress else { return }
        for index in 0..<channels * count { real[index] *= scale }
        for channel in 0..<channels {
          transform.forward(real + channel * count, imaginary + channel * count)
        }
      }
    }
  }
}

/// A filter that answers to a thing with a peak where it is: ridge regression in the Fourier domain, in closed form (Bolme et al. 2010;
/// Danelljan et al. 2014), over several channels, as a running mean over the frames that it learned from.
struct CorrelationFilter {
  let transform: FourierTransform
  private let label: [Float]
  private var real: [Float] = []
  private var imaginary: [Float] = []
  private var energy: [Float] = []

  /// - Parameter spread: of the answer's peak, in cells
  init(_ transform: FourierTransform, spread: Double) {
    self.transform = transform
    let side = transform.side
    var (real, imaginary) = (
      [Float](unsafeUninitializedCapacity: side * side) { label, count in
        count = side * side
        for row in 0..<side {
          for column in 0..<side {
            let (down, across) = (min(row, side - row), min(column, side - column))
            label[row * side + column] = Float(
              exp(-Double(down * down + across * across) / (2 * spread * spread)))
          }
        }
      }, [Float](repeating: 0, count: side * side)
    )
    transform.forward(&real, &imaginary)
    // It is symmetric: its spectrum is real.
    label = real
  }

  /// - Parameter rate: what the new frame counts, 0 to 1
  mutating func learn(_ spectra: Spectra, rate: Float) {
    let count = label.count
    let isFirst = real.isEmpty
    if isFirst {
      real = [Float](repeating: 0, count: count * spectra.channels)
      (imaginary, energy) = (real, [Float](repeating: 0, count: count))
    }
    let (new, old) = isFirst ? (1, 0) : (rate, 1 - rate)
    for index in 0..<count { energy[index] *= old }
    for channel in 0..<spectra.channels {
      let start = channel * count
      for index in 0..<count {
        let (a, b) = (spectra.real[start + index], spectra.imaginary[start + index])
        real[start + index] = old * real[start + index] + new * label[index] * a
        imaginary[start + index] = old * imaginary[start + index] + new * label[index] * b
        energy[index] += new * (a * a + b * b)
      }
    }
  }

  /// The spectrum of the answer: 1 at the place of what was learned.
  func answer(to spectra: Spectra) -> (real: [Float], imaginary: [Float]) {
    let count = label.count
    var (x, y) = ([Float](repeating: 0, count: count), [Float](repeating: 0, count: count))
    for channel in 0..<spectra.channels {
      let start = channel * count
      for index in 0..<count {
        let (a, b) = (real[start + index], imaginary[start + index])
        let (c, d) = (spectra.real[start + index], spectra.imaginary[start + index])
        x[index] += a * c + b * d
        y[index] += a * d - b * c
      }
    }
    let ridge = Self.ridge * energy.reduce(0, +) / Float(count)
    for index in 0..<count {
      let scale = 1 / (energy[index] + ridge)
      x[index] *= scale
      y[index] *= scale
    }
    return (x, y)
  }

  /// As a share of the mean energy.
  private static let ridge: Float = 0.01
}
