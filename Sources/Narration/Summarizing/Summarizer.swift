import Foundation
import Media
import Models

/// Summarizes videos: shots, their key frames, captions and chapters. Safe to use from any task: the work is done by threads of
/// its own, a video at a time with all cores.
///
///     let summarizer = try await Summarizer()
///     let run = summarizer.run(on: film, options: .init(keyFrames: 3))
///     for await progress in run.progress { print(progress.seconds) }
///     let summary = try await run.value
public final class Summarizer: Sendable {
  /// The models' names.
  public let name: String
  private let workers: Workers
  private let owned: Owned<SummaryEngine>

  /// Loads the models.
  /// - Parameters:
  ///   - captions: a captioning model
  ///   - shots: a model that finds shots; not used by `ShotDetection.adaptive`
  ///   - detection: how shots are found
  ///   - compute: what it computes with
  /// - Throws: `model` if one is not there, damaged or of another kind, `usage` if this CPU cannot calculate so.
  public init(
    _ captions: ModelSource = .default, shots: ModelSource = .default, detection: ShotDetection = .network,
    compute: ComputeOptions = ComputeOptions()
  ) async throws(NarrationError) {
    workers = Workers(1)
    owned = try await workers.run { _ in
      Owned(
        engine: try SummaryEngine(
          captioner: captions.folder(kind: .caption), shots: detection.folder(shots),
          threads: compute.usedThreads, precision: compute.precision))
    }
    name = owned.engine.name
  }

  /// Begins to summarize a video, in one pass over it, and tells how far it is.
  ///
  ///     let summary = try await summarizer.run(on: film).value
  ///     for shot in summary.shots { print(shot.start, shot.caption) }
  /// - Returns: a run whose value throws `missing`, `unreadable`, `unsupported`, `undecodable`, `tooLarge` or `empty` of the
  ///   file, `usage` of the options, `cancelled` where it was cancelled.
  public func run(on video: URL, options: SummaryOptions = SummaryOptions()) -> VideoRun<Summary> {
    VideoRun(workers) { [owned] progress in
      try owned.engine.summary(contentsOf: video.path, options: options, progress: progress)
    }
  }

  /// Summarizes a video.
  public func summary(
    of video: URL, options: SummaryOptions = SummaryOptions()
  ) async throws(NarrationError) -> Summary {
    try await run(on: video, options: options).value
  }
}

extension SummaryEngine {
  /// Summarizes a file, with the pictures of the key frames.
  fileprivate func summary(
    contentsOf path: String, options: SummaryOptions, progress: @escaping FrameStream.Progress
  ) throws -> Summary {
    guard try !MediaKind(contentsOf: path).isStill else {
      throw NarrationError(.unsupported, file: path, reason: "a picture, not a video")
    }
    var pictures: [Int: Data] = [:]
    var summary = try summarize(open(path), options: options, progress: progress) { image, number in
      pictures[number] = Data(try image.jpegData())
    }
    summary.setPictures(pictures)
    return summary
  }
}
