import Glibc

/// A linear warm-up over the first steps, and a constant factor after each epoch.
package struct LearningRateSchedule: Sendable, Equatable {
  /// The rate after the warm-up, in the first epoch.
  package let base: Double
  /// Step `s` of the first `warmupSteps` has the share `(s + 1) / warmupSteps` of the rate.
  package let warmupSteps: Int
  package let decayPerEpoch: Double
  package let stepsPerEpoch: Int

  package init(_ settings: CaptionSettings.Optimization, stepsPerEpoch: Int) {
    self.init(
      base: settings.learningRate, warmupSteps: settings.warmupSteps, decayPerEpoch: settings.decayPerEpoch,
      stepsPerEpoch: stepsPerEpoch)
  }

  package init(base: Double, warmupSteps: Int, decayPerEpoch: Double, stepsPerEpoch: Int) {
    precondition(stepsPerEpoch > 0)
    (self.base, self.warmupSteps) = (base, warmupSteps)
    (self.decayPerEpoch, self.stepsPerEpoch) = (decayPerEpoch, stepsPerEpoch)
  }

  /// The learning rate of a step, counted from 0 since training began.
  package func rate(at step: Int) -> Double {
    let warmth = step + 1 < warmupSteps ? Double(step + 1) / Double(warmupSteps) : 1
    return base * warmth * pow(decayPerEpoch, Double(step / stepsPerEpoch))
  }
}
