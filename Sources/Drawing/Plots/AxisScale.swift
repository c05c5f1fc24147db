import Foundation

/// Values along an axis, and the figures that are written at it.
package struct AxisScale: Sendable, Equatable {
  package let low: Double
  package let high: Double
  package let ticks: [Double]
  private let decimals: Int

  /// Round figures: steps of 1, 2, 2.5 or 5 times a power of ten, and room around the values.
  /// - Parameters:
  ///   - values: finite ones
  ///   - steps: about how many; the axis always has as many as it needs to hold all values.
  package init(covering values: [Double], steps: Int) {
    var (low, high) = (values.min() ?? 0, values.max() ?? 1)
    if high - low < 1e-9 * max(1, abs(high)) {
      let around = max(abs(high), 0.1) * 0.1
      (low, high) = (low - around, high + around)
    }
    let rough = (high - low) / Double(steps)
    let power = pow(10, floor(log10(rough)))
    let step = power * ([1, 2, 2.5, 5].first { $0 * power >= rough * 0.999 } ?? 10)
    let (first, last) = (floor(low / step + 1e-6), ceil(high / step - 1e-6))
    self.init(from: first * step, through: last * step, step: step)
  }

  /// From one value through another, with ticks from the first on.
  package init(from low: Double, through high: Double, step: Double) {
    (self.low, self.high) = (low, high)
    let count = Int((max(0, high - low) / step + 1e-6).rounded(.down))
    let first = (low / step).rounded()
    // Whole multiples of the step, where it begins with one: sums would gather errors.
    let isMultiple = abs(first * step - low) < 1e-9 * max(1, abs(low))
    ticks = (0...count).map { isMultiple ? (first + Double($0)) * step : low + Double($0) * step }
    // As many decimals as the step has: 0.25 has two.
    decimals =
      (0...12).first { abs(step * pow(10, Double($0)) - (step * pow(10, Double($0))).rounded()) < 1e-6 } ?? 12
  }

  /// 0 at the lowest value, 1 at the highest.
  package func share(_ value: Double) -> Double { high > low ? (value - low) / (high - low) : 0.5 }

  package func text(_ tick: Double) -> String { String(format: "%.\(decimals)f", tick) }
}
