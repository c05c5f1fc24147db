import Foundation
import Models
import Scenes

/// How shots are found.
public enum ShotDetection: String, Sendable, CaseIterable, Codable {
  /// A small recurrent network.
  case network
  /// Colour differences against those around.
  case adaptive

  /// The folder of the model that it takes, if any.
  func folder(_ source: ModelSource) throws(ModelError) -> URL? {
    switch self {
    case .network: try source.folder(kind: .shots)
    case .adaptive: nil
    }
  }
}

/// How a shot begins. A shot model knows cuts, dissolves, fades and wipes.
public enum ShotTransition: String, Sendable, CaseIterable, Codable {
  /// The video begins.
  case start
  /// From one frame to the next.
  case cut
  /// One shot goes over into the other.
  case dissolve
  /// By way of darkness.
  case fade
  /// One shot pushes the other away.
  case wipe
  /// Nothing: a long shot comes to show something else. In summaries alone.
  case none

  init(_ kind: TransitionKind) {
    self =
      switch kind {
      case .cut: .cut
      case .dissolve: .dissolve
      case .fade: .fade
      case .wipe: .wipe
      }
  }
}

/// Frames of a video from one transition to the next.
public struct Shot: Sendable, Hashable, Codable {
  /// Seconds, by the file's presentation times: the middle of the transition before it.
  public let start: Double
  /// Seconds: where the next one starts.
  public let end: Double
  /// How it begins.
  public let transition: ShotTransition
  /// How sure it is that there is a transition, 0 to 1; 1 where the video begins.
  public let confidence: Double
  /// Its frames, counted from the video's first.
  public let frames: Range<Int>
}

/// Finds the shots of videos. Safe to use from any task: the work is done by threads of its own, a video at a time.
///
///     for shot in try await ShotFinder(.default).shots(of: film) {
///       print(shot.start, shot.end, shot.transition)
///     }
public final class ShotFinder: Sendable {
  /// The model's name, or `adaptive`.
  public let name: String
  private let workers: Workers
  private let owned: Owned<ShotEngine>

  /// Loads a model.
  /// - Parameters:
  ///   - model: not used by `ShotDetection.adaptive`
  ///   - detection: how shots are found
  ///   - compute: what it computes with
  /// - Throws: `model` if it is not there, damaged or of another kind.
  public init(
    _ model: ModelSource = .default, detection: ShotDetection = .network,
    compute: ComputeOptions = ComputeOptions()
  ) async throws(NarrationError) {
    workers = Workers(1)
    owned = try await workers.run { _ in
      Owned(engine: try ShotEngine(model: detection.folder(model), threads: compute.usedThreads))
    }
    name = owned.engine.name
  }

  /// The shots of a video, in order of time, at least one; each starts where the one before ends.
  /// - Throws: `missing`, `unreadable`, `unsupported`, `undecodable`, `tooLarge` or `empty` of the file, `cancelled` in a task that
  ///   was cancelled.
  public func shots(of video: URL) async throws(NarrationError) -> [Shot] {
    try await run(on: video).value
  }

  /// Begins to find the shots of a video, and tells how far it is.
  public func run(on video: URL) -> VideoRun<[Shot]> {
    VideoRun(workers) { [owned] progress in
      try owned.engine.find(owned.engine.open(video.path), progress: progress).shots
    }
  }
}
