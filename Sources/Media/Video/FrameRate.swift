/// A fraction above zero in lowest terms, so that nothing is lost where 30000/1001 frames a second are counted for hours.
package struct Fraction: Sendable, Hashable, Codable, CustomStringConvertible {
  package let numerator: Int
  package let denominator: Int

  /// - Returns: nil for what is not above zero, or has more than 31 bits on either side
  package init?(_ numerator: Int, _ denominator: Int) {
    var (larger, smaller) = (numerator, denominator)
    guard larger > 0, smaller > 0 else { return nil }
    while smaller > 0 { (larger, smaller) = (smaller, larger % smaller) }
    let limit = Int(Int32.max)
    guard numerator / larger <= limit, denominator / larger <= limit else { return nil }
    (self.numerator, self.denominator) = (numerator / larger, denominator / larger)
  }

  package var value: Double { Double(numerator) / Double(denominator) }

  /// `25`, `30000/1001`.
  package var description: String { denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)" }
}

/// Frames a second.
package struct FrameRate: Sendable, Hashable, Codable, CustomStringConvertible {
  package let fraction: Fraction

  package init(_ fraction: Fraction) { self.fraction = fraction }

  /// - Precondition: both above zero
  package init(_ numerator: Int, _ denominator: Int = 1) {
    guard let fraction = Fraction(numerator, denominator) else { preconditionFailure("no frame rate") }
    self.fraction = fraction
  }

  /// Those that editing programs and timecodes know, ascending (SMPTE ST 12-1 and its multiples).
  package static let standard = [
    FrameRate(24_000, 1001), FrameRate(24), FrameRate(25), FrameRate(30_000, 1001), FrameRate(30),
    FrameRate(48_000, 1001), FrameRate(48), FrameRate(50), FrameRate(60_000, 1001), FrameRate(60),
    FrameRate(100), FrameRate(120_000, 1001), FrameRate(120),
  ]

  package var isStandard: Bool { Self.standard.contains(self) }

  /// Frames in a second of timecode: 30 for 29.97.
  package var nominal: Int { (fraction.numerator + fraction.denominator - 1) / fraction.denominator }

  /// Whether its timecodes may leave out numbers, to keep up with the clock: 29.97 and its multiples.
  package var mayDropFrames: Bool {
    fraction.denominator == 1001 && fraction.numerator.isMultiple(of: 30_000)
  }

  /// The standard rate that a measured or a written one stands for, 29.97 for 30000/1001: those nearest to each other are a
  /// thousandth apart.
  package var standardized: FrameRate {
    Self.standard.first { abs($0.fraction.value / fraction.value - 1) < 3e-4 } ?? self
  }

  /// The rate by which a timeline counts frames of this one: itself where it is a standard one, else one of which every second,
  /// third … frame is one of these, else the next that is not slower.
  package var counted: FrameRate {
    if isStandard { return self }
    let multiple = Self.standard.first {
      let times = $0.fraction.value / fraction.value
      return times > 0.5 && abs(times - times.rounded()) < 1e-6
    }
    let whole = Self.standard.filter { $0.fraction.denominator == 1 && $0.nominal <= 60 }
    return multiple ?? whole.first { $0.fraction.value >= fraction.value } ?? FrameRate(60)
  }

  /// The frame that is shown at a time, or the nearest one.
  package func frame(at seconds: Double) -> Int {
    Int(bounded: (seconds * Double(fraction.numerator) / Double(fraction.denominator)).rounded())
  }

  /// When a frame begins.
  package func seconds(_ frame: Int) -> Double {
    Double(frame) * Double(fraction.denominator) / Double(fraction.numerator)
  }

  package var description: String { fraction.description }
}
