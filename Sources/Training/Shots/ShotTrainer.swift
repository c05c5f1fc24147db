import Compute
import Drawing
import Files
import Foundation
import Models
import Narration
import Networks
import Scenes
import Tensors

/// Trains a `ShotNetwork` on transitions made from clips, and writes its model folder.
package final class ShotTrainer {
  private let settings: ShotSettings
  private let network: ShotNetwork
  private let task: ShotTask
  private let (folder, digest, resuming): (URL, String, Bool)
  private let processes: ProcessGroup
  private let report: (TrainingEvent) throws -> Void

  /// - Parameters:
  ///   - processes: those that train together
  ///   - report: told what happens; may throw to stop the run after the current step.
  package init(
    data: ShotData, settings: ShotSettings, output folder: URL, threads: Int, resuming: Bool,
    processes: ProcessGroup = .alone, report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    // Before hours of work: each epoch draws its plot.
    try Drawing.prepare()
    (self.settings, self.folder, self.resuming) = (settings, folder, resuming)
    (self.processes, self.report) = (processes, report)
    var random = Optional(RandomGenerator(seed: settings.seed))
    network = ShotNetwork(settings.sizes, using: &random)
    task = try ShotTask(data, settings, network, output: folder, threads: threads, processes: processes)
    let identity = "\(settings.printed)\n\(data.identity)"
    digest = Array(identity.utf8).withUnsafeBytes { XXHash64.hexadecimal($0) }
  }

  /// Trains until the last epoch, or until `patience` epochs went by without a better score.
  package func run() throws {
    try processes.train(digest, task, network) {
      let training = try TrainingRun(
        network, settings.optimizer, in: folder, digest: digest, resuming: resuming, processes: processes,
        report: report)
      try training.train(
        task, epochs: settings.optimization.epochs, patience: settings.optimization.patience)
      try training.finish()
    }
  }
}

extension ShotTrainer {
  /// The videos that detectors are measured on: always the same for the same clips.
  package static func validation(_ data: ShotData, _ settings: ShotSettings.Validation)
    -> [ShotComposer.Stretch]
  {
    let composer = ShotComposer(data.validation, .measuring)
    return (0..<settings.videos).map { number in
      var random = RandomGenerator(seed: 7, path: UInt64(number))
      return composer.stretch(shots: settings.shotsPerVideo, &random)
    }
  }

  /// How a detector does on videos.
  package static func score(
    _ videos: [ShotComposer.Stretch], threads: Int,
    _ detect: @escaping @Sendable ([Thumbnail]) -> [Transition]
  ) throws -> BoundaryScore {
    let found = parallelMap(videos, threads: threads, work: { detect($0.frames) })
    var score = BoundaryScore()
    for (video, transitions) in zip(videos, found) { score.add(truth: video.transitions, found: transitions) }
    return score
  }
}
