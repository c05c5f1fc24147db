import Foundation
import Media

/// How much larger or smaller a thing has become: a filter along one axis, that of sizes (Danelljan et al. 2014, DSST).
struct ScaleFilter {
  static let count = 17
  private static let step = 1.02
  private static let (side, cell) = (32, 4)
  private static let spread = 1.2
  private static let ridge: Float = 0.01
  /// Of the transform over sizes, [frequency, size].
  private static let waves: (cosines: [Float], sines: [Float]) = {
    let angles = (0..<count * count).map {
      -2 * Double.pi * Double($0 / count * ($0 % count)) / Double(count)
    }
    return (angles.map { Float(cos($0)) }, angles.map { Float(sin($0)) })
  }()
  private static let taper = (0..<count).map {
    Float(0.5 - 0.5 * cos(2 * .pi * (Double($0) + 1) / Double(count + 1)))
  }
  private static let label: (real: [Float], imaginary: [Float]) = {
    let values = (0..<count).map { Float(exp(-pow(Double($0 - count / 2), 2) / (2 * spread * spread))) }
    return transformed(values, 1)
  }()

  private var real: [Float] = []
  private var imaginary: [Float] = []
  private var energy: [Float] = []

  private static func factor(_ index: Int) -> Double { pow(step, Double(index - count / 2)) }

  /// - Parameter rows: [size, feature]
  /// - Returns: [frequency, feature]
  private static func transformed(_ rows: [Float], _ features: Int) -> (real: [Float], imaginary: [Float]) {
    var (real, imaginary) = (
      [Float](repeating: 0, count: count * features), [Float](repeating: 0, count: count * features)
    )
    for frequency in 0..<count {
      for size in 0..<count {
        let (cosine, sine) = (
          waves.cosines[frequency * count + size], waves.sines[frequency * count + size]
        )
        for feature in 0..<features {
          real[frequency * features + feature] += cosine * rows[size * features + feature]
          imaginary[frequency * features + feature] += sine * rows[size * features + feature]
        }
      }
    }
    return (real, imaginary)
  }

  private static func spectra(_ image: Image, _ box: Box) -> (
    real: [Float], imaginary: [Float], features: Int
  ) {
    var rows: [Float] = []
    for index in 0..<count {
      let window = image.window(box.resized(by: factor(index)), columns: side, rows: side)
      rows += EdgeCells.features(window, columns: side, rows: side, cell: cell).map { $0 * taper[index] }
    }
    let features = rows.count / count
    let (real, imaginary) = transformed(rows, features)
    return (real, imaginary, features)
  }

  mutating func learn(_ image: Image, _ box: Box, rate: Float) {
    let (a, b, features) = Self.spectra(image, box)
    let isFirst = real.isEmpty
    if isFirst {
      (real, imaginary) = (a.map { _ in 0 }, a.map { _ in 0 })
      energy = [Float](repeating: 0, count: Self.count)
    }
    let (new, old) = isFirst ? (1, 0) : (rate, 1 - rate)
    for frequency in 0..<Self.count {
      let (x, y) = (Self.label.real[frequency], Self.label.imaginary[frequency])
      var sum: Float = 0
      for index in frequency * features..<(frequency + 1) * features {
        // The label's conjugate times the features.
        real[index] = old * real[index] + new * (x * a[index] + y * b[index])
        imaginary[index] = old * imaginary[index] + new * (x * b[index] - y * a[index])
        sum += a[index] * a[index] + b[index] * b[index]
      }
      energy[frequency] = old * energy[frequency] + new * sum
    }
  }

  /// By how much what is in the box is larger than the box.
  func factor(_ image: Image, _ box: Box) -> Double {
    let (a, b, features) = Self.spectra(image, box)
    let ridge = Self.ridge * energy.reduce(0, +) / Float(Self.count)
    var (x, y) = ([Float](repeating: 0, count: Self.count), [Float](repeating: 0, count: Self.count))
    for frequency in 0..<Self.count {
      for index in frequency * features..<(frequency + 1) * features {
        x[frequency] += real[index] * a[index] + imaginary[index] * b[index]
        y[frequency] += real[index] * b[index] - imaginary[index] * a[index]
      }
      x[frequency] /= energy[frequency] + ridge
      y[frequency] /= energy[frequency] + ridge
    }
    let answers = (0..<Self.count).map { size in
      (0..<Self.count).reduce(Float(0)) { sum, frequency in
        let wave = frequency * Self.count + size
        return sum + x[frequency] * Self.waves.cosines[wave] + y[frequency] * Self.waves.sines[wave]
      }
    }
    let best = answers.indices.max { answers[$0] < answers[$1] } ?? Self.count / 2
    return Self.factor(best)
  }
}
