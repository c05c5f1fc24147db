import Compute
import Foundation
import Logging
import Reports
import Training

/// Shows a training run: a bar while it works, a line an epoch on standard output.
final class TrainingReport {
  private let console: Console
  private let counted: String
  private var task = ""
  private var (start, began) = (0, ContinuousClock.now)

  /// - Parameter counted: what a step learns from
  init(_ console: Console, counting counted: String = "tokens") {
    (self.console, self.counted) = (console, counted)
  }

  func show(_ event: TrainingEvent) {
    switch event {
    case .encoding(let name, let done, let total): bar("features (\(name))", done, total)
    case .validating(let done, let total): bar("validation", done, total)
    case .step(let epoch, let batch, let total, let loss, let rate):
      let fields = [
        ProgressBar.Field("loss", loss, decimals: 3),
        ProgressBar.Field("\(counted)_per_second", rate, unit: "\(counted)/s"),
      ]
      bar("epoch \(epoch)", batch, total, fields)
    case .epoch(let metrics, let isBest) where metrics.f1 != nil:
      say(
        String(
          format: "epoch %2d  loss %.4f  F1 %.3f  precision %.3f  recall %.3f  %@%@", metrics.epoch,
          metrics.trainingLoss, metrics.f1 ?? .nan, metrics.precision ?? .nan, metrics.recall ?? .nan,
          ProgressBar.clock(metrics.seconds ?? 0), isBest ? "  best so far" : ""))
    case .epoch(let metrics, let isBest) where metrics.accuracy != nil:
      say(
        String(
          format: "epoch %2d  loss %.3f  validation loss %.3f  accuracy %.1f %%%@", metrics.epoch,
          metrics.trainingLoss,
          metrics.validationLoss ?? .nan, (metrics.accuracy ?? .nan) * 100, isBest ? "  best so far" : ""))
    case .epoch(let metrics, let isBest) where metrics.bleu != nil:
      say(
        String(
          format: "epoch %2d  loss %.3f  validation loss %.3f  BLEU %.2f  chrF %.2f  %.0f units/s  %@%@",
          metrics.epoch, metrics.trainingLoss, metrics.validationLoss ?? .nan, metrics.bleu ?? .nan,
          metrics.chrf ?? .nan, metrics.tokensPerSecond ?? .nan, ProgressBar.clock(metrics.seconds ?? 0),
          isBest ? "  best so far" : "") + Self.sources(metrics.bleuBySource))
    case .epoch(let metrics, let isBest) where metrics.stage == nil:
      let precision = metrics.averagePrecision.map { String(format: "  average precision %.3f", $0) } ?? ""
      say(
        String(
          format: "epoch %2d  loss %.3f  validation loss %.3f%@  %@%@", metrics.epoch,
          metrics.trainingLoss, metrics.validationLoss ?? .nan, precision,
          ProgressBar.clock(metrics.seconds ?? 0), isBest ? "  best so far" : "")
          + Self.sources(metrics.averagePrecisionBySource))
    case .epoch(let metrics, let isBest):
      let line = String(
        format: "epoch %2d  loss %.3f  validation loss %.3f  CIDEr %.3f  %.0f tokens/s  %@%@", metrics.epoch,
        metrics.trainingLoss, metrics.validationLoss ?? .nan, metrics.cider ?? .nan,
        metrics.tokensPerSecond ?? .nan,
        ProgressBar.clock(metrics.seconds ?? 0), isBest ? "  best so far" : "")
      let reward = metrics.reward.map { String(format: "  reward %.3f", $0) } ?? ""
      let truth = metrics.chairs.map { String(format: "  CHAIRs %.3f", $0) } ?? ""
      say(line + truth + reward + Self.sources(metrics.ciderBySource))
    case .finished(let epochs, let best, let score):
      say(String(format: "%d epochs; the model is that of epoch %d, score %.3f", epochs, best, score))
    }
  }

  /// A figure of each data set.
  private static func sources(_ values: [String: Double]?) -> String {
    (values ?? [:]).sorted { $0.key < $1.key }.map { String(format: "  %@ %.3f", $0.key, $0.value) }.joined()
  }

  /// Says so if the CPU cannot do what was asked for.
  func warn(of precision: ProductPrecision) {
    guard precision.effective != precision else { return }
    Logger(label: "narrate.train").warning(
      "this CPU has no tiles for bfloat16: optimisation.precision is \(precision.effective.rawValue)")
  }

  func say(_ line: String) {
    // Whether anybody reads them is no reason to end a training.
    console.withoutBar { try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8)) }
  }

  private func bar(_ name: String, _ done: Int, _ total: Int, _ fields: [ProgressBar.Field] = []) {
    if name != task { (task, start, began) = (name, done, ContinuousClock.now) }
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    console.show(
      ProgressBar(task: name, done: done, total: total, fields: fields, start: start, seconds: seconds))
  }
}
