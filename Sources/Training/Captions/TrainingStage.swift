import Models
import Narration
import Networks

/// The stages of a captioner's training, in their order. Each begins where the one before ended.
package enum TrainingStage: String, Codable, CaseIterable, Sendable {
  /// The decoder learns people's captions, the encoder is frozen.
  case decoder
  /// The encoder's last blocks learn with it.
  case fineTuning
  /// The decoder learns from the scores of captions that it draws.
  case selfCritical
}

extension TrainingStage {
  func isSameOrBefore(_ other: TrainingStage) -> Bool {
    Self.allCases.drop { $0 != self }.contains(other)
  }
}

extension CaptionSettings {
  /// Those that have epochs; at least one.
  var stages: [TrainingStage] { TrainingStage.allCases.filter { epochs(of: $0) > 0 } }

  /// How long a stage lasts, at most.
  func epochs(of stage: TrainingStage) -> Int {
    switch stage {
    case .decoder: optimization.epochs
    case .fineTuning: fineTuning.epochs
    case .selfCritical: selfCritical.epochs
    }
  }

  /// The decoder's learning rate in a stage.
  func schedule(of stage: TrainingStage, stepsPerEpoch: Int) -> LearningRateSchedule {
    switch stage {
    case .decoder: LearningRateSchedule(optimization, stepsPerEpoch: stepsPerEpoch)
    case .fineTuning:
      LearningRateSchedule(
        base: fineTuning.decoderRate, warmupSteps: fineTuning.warmupSteps,
        decayPerEpoch: fineTuning.decayPerEpoch, stepsPerEpoch: stepsPerEpoch)
    case .selfCritical:
      LearningRateSchedule(
        base: selfCritical.learningRate, warmupSteps: selfCritical.warmupSteps,
        decayPerEpoch: selfCritical.decayPerEpoch, stepsPerEpoch: stepsPerEpoch)
    }
  }

  func regularization(of stage: TrainingStage) -> Regularization {
    var result = regularization.network
    guard stage == .selfCritical else { return result }
    // What is drawn has no label to smooth, and is not asked to look everywhere.
    (result.labelSmoothing, result.attentionPenalty) = (0, 0)
    return selfCritical.dropout ? result : .none
  }
}
