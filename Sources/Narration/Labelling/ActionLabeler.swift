import Foundation
import Models

/// Tells what is being done in videos, and from when to when. Safe to use from any task: the work is done by threads of its
/// own, a video at a time with all cores.
///
///     let labeler = try await ActionLabeler(.default)
///     for try await segment in labeler.segments(of: clip) {
///       print(segment.start, segment.end, segment.labels.first?.label ?? "nothing moves")
///     }
public final class ActionLabeler: Sendable {
  /// The model folder's name.
  public let name: String
  /// The labels that the model knows.
  public let labels: [String]
  private let workers: Workers
  private let owned: Owned<ActionEngine>

  /// Loads a model.
  /// - Throws: `model` if it is not there, damaged or of another kind.
  public init(
    _ model: ModelSource = .default, compute: ComputeOptions = ComputeOptions()
  ) async throws(NarrationError) {
    workers = Workers(1)
    owned = try await workers.run { _ in
      Owned(
        engine: try ActionEngine(model: model.folder(kind: .label), threads: compute.usedThreads))
    }
    (name, labels) = (owned.engine.name, owned.engine.labels)
  }

  /// Labels a video, in one pass over it.
  /// - Throws: `missing`, `unreadable`, `unsupported`, `undecodable`, `tooLarge` or `empty` of the file, `usage` of the options,
  ///   `cancelled` in a task that was cancelled.
  public func label(
    _ video: URL, options: ActionOptions = ActionOptions()
  ) async throws(NarrationError) -> Labeling {
    try await run(on: video, options: options).value
  }

  /// Begins to label a video, and tells how far it is.
  ///
  ///     let run = labeler.run(on: clip, options: .init(top: 1))
  ///     for await progress in run.progress { print(progress.fraction ?? 0) }
  ///     let labeling = try await run.value
  public func run(on video: URL, options: ActionOptions = ActionOptions()) -> VideoRun<Labeling> {
    VideoRun(workers) { [owned] progress in
      try owned.engine.label(contentsOf: video.path, options: options, progress: progress)
    }
  }

  /// The segments of a video, in order of time. What is done at a moment is told by what comes before and after: they are known
  /// when the video was looked at to its end.
  public func segments(
    of video: URL, options: ActionOptions = ActionOptions()
  ) -> VideoResults<Labeling.Segment> {
    VideoResults(workers) { [owned] check, give in
      let labeling = try withoutActuallyEscaping(check) { check in
        try owned.engine.label(contentsOf: video.path, options: options) { _, _ in try check() }
      }
      labeling.segments.forEach(give)
    }
  }
}
