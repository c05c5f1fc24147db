import Foundation
import Media
import Models
import Scenes

/// The shots of a video, and by what its times are counted.
package struct ShotList: Sendable {
  /// In order of time, at least one.
  package let shots: [Shot]
  package let timing: FrameTiming
  /// Upright, with square pixels.
  package let width, height: Int
  /// Frames that could not be decoded.
  package let damagedFrames: Int
}

/// Finds where the shots of videos end, with a network or the plain way. Not thread-safe.
package final class ShotEngine {
  /// The model's name, or `adaptive`.
  package let name: String
  private let model: ShotModel?
  private let threads: Int

  /// Loads what is needed.
  /// - Parameters:
  ///   - folder: a shot model's folder; nil finds shots the plain way
  ///   - threads: cores to use, 1 to 1024
  /// - Throws: `ModelError` if the folder cannot be used.
  package init(model folder: URL?, threads: Int = 1) throws(ModelError) {
    model = try folder.map { folder throws(ModelError) in try ShotModel(contentsOf: folder) }
    self.threads = usableThreads(threads)
    name = folder?.lastPathComponent ?? ShotDetection.adaptive.rawValue
  }

  /// Finds transitions in one video.
  func finder() -> any TransitionFinder {
    model.map { ShotDetector($0.network, threshold: $0.configuration.threshold) } ?? AdaptiveDetector()
  }

  /// Opens a video whose shots are looked for.
  package func open(_ path: String) throws(MediaError) -> VideoFile {
    var options = VideoOptions()
    options.threads = threads
    return try VideoFile(contentsOf: path, options: options)
  }

  /// Where one shot goes over into the next, in frames.
  package func transitions(contentsOf path: String) throws -> [Transition] {
    let (stream, finder) = (FrameStream(try open(path)), finder())
    while try stream.next() != nil {
      finder.append(Thumbnail(try stream.image(coveringSide: Thumbnail.height)))
    }
    finder.finish()
    return finder.transitions
  }

  /// The shots of a video.
  /// - Parameters:
  ///   - video: before its first frame
  ///   - progress: told the seconds done and the video's length, if known; may throw to stop.
  ///   - frame: called for each frame with its time, while it is the stream's current one
  ///   - shot: given each shot as soon as it is known where it ends
  /// - Throws: `MediaError` when there is no frame to be looked at, and what the closures throw.
  package func find(
    _ video: VideoFile, progress: @escaping FrameStream.Progress = { _, _ in },
    frame: (Double, FrameStream) throws -> Void = { _, _ in }, shot: (Shot) throws -> Void = { _ in }
  ) throws -> ShotList {
    let stream = FrameStream(video, progress: progress)
    let finder = finder()
    var (next, assembly) = (Optional(try stream.first()), ShotBounds())
    while let time = next {
      finder.append(Thumbnail(try stream.image(coveringSide: Thumbnail.height)))
      try frame(time, stream)
      assembly.times.append(time)
      try assembly.take(finder.transitions, shot)
      next = try stream.next()
    }
    finder.finish()
    try assembly.take(finder.transitions, shot)
    try assembly.finish(end: stream.end, shot)
    return ShotList(
      shots: assembly.shots, timing: FrameTiming(times: assembly.times, end: stream.end, video.clock),
      width: video.width, height: video.height, damagedFrames: video.damagedFrames)
  }
}

/// From transitions to shots, one after the other.
private struct ShotBounds {
  /// Of all frames so far.
  var times: [Double] = []
  private(set) var shots: [Shot] = []
  private var taken = 0
  /// How the open shot begins.
  private var opening = (frame: 0, kind: ShotTransition.start, confidence: 1.0)

  /// Closes the shots that ended. What a video begins with is no transition.
  mutating func take(_ transitions: [Transition], _ give: (Shot) throws -> Void) rethrows {
    while taken < transitions.count {
      let transition = transitions[taken]
      taken += 1
      guard transition.boundary > opening.frame, transition.boundary < times.count else { continue }
      try close(before: transition.boundary, end: times[transition.boundary], give)
      opening = (transition.boundary, ShotTransition(transition.kind), Double(transition.confidence))
    }
  }

  mutating func finish(end: Double, _ give: (Shot) throws -> Void) rethrows {
    try close(before: times.count, end: max(end, times[times.count - 1]), give)
  }

  private mutating func close(before frame: Int, end: Double, _ give: (Shot) throws -> Void) rethrows {
    let shot = Shot(
      start: times[opening.frame], end: end, transition: opening.kind, confidence: opening.confidence,
      frames: opening.frame..<frame)
    shots.append(shot)
    try give(shot)
  }
}
