import Foundation
import Media
import Models
import Scenes

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
  func open(_ path: String) throws(MediaError) -> VideoFile {
    var options = VideoOptions()
    options.threads = threads
    return try VideoFile(contentsOf: path, options: options)
  }

  /// Where one shot goes over into the next, in frames.
  package func transitions(contentsOf path: String) throws -> [Transition] {
    try find(in: FrameStream(open(path))) { _ in }
  }

  /// The shots, in order of time, at least one.
  func shots(contentsOf path: String, progress: @escaping FrameStream.Progress) throws -> [Shot] {
    let stream = FrameStream(try open(path), progress: progress)
    var times: [Double] = []
    let transitions = try find(in: stream) { times.append($0) }
    guard let start = times.first else {
      throw MediaError.undecodable(path: path, reason: "no frame in it")
    }
    let end = max(stream.end, start)
    // What a transition begins in, no shot has.
    let inner = transitions.filter { times.indices.contains($0.boundary) && $0.boundary > 0 }
    var beginnings = [(frame: 0, kind: ShotTransition.start, confidence: 1.0)]
    for transition in inner {
      beginnings.append(
        (transition.boundary, ShotTransition(transition.kind), Double(transition.confidence)))
    }
    return beginnings.indices.map { index in
      let next = index + 1 < beginnings.count ? beginnings[index + 1].frame : times.count
      let (first, kind, confidence) = beginnings[index]
      return Shot(
        start: times[first], end: next < times.count ? times[next] : end, transition: kind,
        confidence: confidence, frames: first..<next)
    }
  }

  private func find(in stream: FrameStream, _ shown: (Double) -> Void) throws -> [Transition] {
    let finder = finder()
    while let time = try stream.next() {
      shown(time)
      finder.append(Thumbnail(try stream.image(coveringSide: Thumbnail.height)))
    }
    finder.finish()
    return finder.transitions
  }
}
