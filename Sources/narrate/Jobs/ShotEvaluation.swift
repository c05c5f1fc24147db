import Compute
import Files
import Foundation
import Models
import Narration
import Reports
import Scenes
import Training

/// `narrate evaluate --shots`: how well each detector finds the boundaries in videos whose boundaries are known.
struct ShotEvaluation {
  private let folder: URL
  private let model: URL?
  private let format: InfoFormat

  init(folder: String, model: String?, _ format: InfoFormat) {
    self.folder = URL(fileURLWithPath: folder, isDirectory: true)
    self.model = model.map { URL(fileURLWithPath: $0, isDirectory: true) }
    self.format = format
  }

  func run(_ running: RunOptions, _ console: Console) throws -> RunStatus {
    let threads = running.threads ?? availableCores()
    let shots = try ShotModel(contentsOf: model ?? ModelLibrary.usual(kind: .shots))
    let report = TrainingReport(console)
    let data = try ShotData(at: folder, splits: ["val"], threads: threads) { event in
      try Interruption.check()
      report.show(event)
    }
    let videos = ShotTrainer.validation(data, ShotSettings().validation)
    let network = try ShotTrainer.score(videos, threads: threads) { frames in
      Self.find(frames, ShotDetector(shots.network, threshold: shots.configuration.threshold))
    }
    let adaptive = try ShotTrainer.score(videos, threads: threads) { Self.find($0, AdaptiveDetector()) }
    console.finish()
    let scores = [("network", network), ("adaptive", adaptive)]
    try ResultOutput(path: nil).write(Array((format == .json ? json(scores) : text(scores)).utf8))
    return .success
  }

  private static func find(_ frames: [Thumbnail], _ finder: any TransitionFinder) -> [Transition] {
    for frame in frames { finder.append(frame) }
    finder.finish()
    return finder.transitions
  }

  private func text(_ scores: [(String, BoundaryScore)]) -> String {
    var lines = ["detector        F1  precision  recall  kind right   cuts  dissolves  fades"]
    for (name, score) in scores {
      let kinds = [TransitionKind.cut, .dissolve, .fade].map { recall(score, $0) }
      lines.append(
        name.padding(toLength: 12, withPad: " ", startingAt: 0)
          + String(
            format: "%6.3f  %9.3f  %6.3f  %10.3f  %5.3f  %9.3f  %5.3f", score.f1, score.precision,
            score.recall,
            Double(score.rightKind) / Double(max(score.found, 1)), kinds[0], kinds[1], kinds[2]))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func json(_ scores: [(String, BoundaryScore)]) -> String {
    JSON.object(
      scores.map { name, score in
        (
          name,
          .object([
            ("f1", .rounded(score.f1, places: 4)), ("precision", .rounded(score.precision, places: 4)),
            ("recall", .rounded(score.recall, places: 4)), ("found", .integer(score.found)),
            ("missed", .integer(score.missed)), ("spurious", .integer(score.spurious)),
          ])
        )
      }
    ).text + "\n"
  }

  private func recall(_ score: BoundaryScore, _ kind: TransitionKind) -> Double {
    let (found, all) = score.byKind[kind] ?? (0, 0)
    return Double(found) / Double(max(all, 1))
  }
}
