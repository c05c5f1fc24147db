import Foundation
import Reports

/// An axis with round figures: steps of 1, 2, 2.5 or 5 times a power of ten, and room around the values.
struct PlotScale: Equatable {
  let ticks: [Double]
  private let decimals: Int

  /// - Parameter ticks: about how many steps; the axis always has as many as it needs to hold all values.
  init(covering values: [Double], ticks steps: Int) {
    var (low, high) = (values.min() ?? 0, values.max() ?? 1)
    if high - low < 1e-9 * max(1, abs(high)) {
      let around = max(abs(high), 0.1) * 0.1
      (low, high) = (low - around, high + around)
    }
    let rough = (high - low) / Double(steps)
    let power = pow(10, floor(log10(rough)))
    let step = power * ([1, 2, 2.5, 5].first { $0 * power >= rough * 0.999 } ?? 10)
    let (first, last) = (floor(low / step + 1e-6), ceil(high / step - 1e-6))
    ticks = stride(from: first, through: last, by: 1).map { $0 * step }
    // As many decimals as the step has: 0.25 has two.
    decimals =
      (0...12).first { abs(step * pow(10, Double($0)) - (step * pow(10, Double($0))).rounded()) < 1e-6 } ?? 12
  }

  /// 0 at the lowest tick, 1 at the highest.
  func share(_ value: Double) -> Double {
    guard let low = ticks.first, let high = ticks.last, high > low else { return 0.5 }
    return (value - low) / (high - low)
  }

  func text(_ tick: Double) -> String { String(format: "%.\(decimals)f", tick) }
}
