import Foundation
import Media
import Scenes

/// Summarizes videos: shots, their key frames, captions and chapters, in one pass and bounded memory. Not thread-safe.
public final class Summarizer {
  /// The models' names.
  public let name: String
  private let captioner: Captioner
  private let shots: ShotModel?
  private let threads: Int

  /// Loads what is needed.
  /// - Parameters:
  ///   - captioner: a captioning model's folder
  ///   - shots: a shot model's folder; nil finds shots the plain way
  /// - Throws: `ModelError` if a folder cannot be used.
  public init(captioner folder: URL, shots: URL?, threads: Int = 1) throws {
    captioner = try Captioner(model: folder, threads: threads)
    self.shots = try shots.map { try ShotModel(contentsOf: $0) }
    self.threads = threads
    name = ([captioner.name] + [shots?.lastPathComponent ?? "adaptive"]).joined(separator: " ")
  }

  /// Summarizes a video.
  /// - Parameters:
  ///   - picture: given the picture of each key frame with its number, in order of the shots; some may not be in the summary.
  ///   - progress: told the time reached and the video's length, if known, in seconds; may throw to stop.
  /// - Throws: `MediaError` when there is no frame to be looked at.
  public func summarize(
    contentsOf path: String, options: SummaryOptions = SummaryOptions(),
    progress: (_ time: Double, _ duration: Double?) throws -> Void = { _, _ in },
    picture: (Image, Int) throws -> Void
  ) throws -> Summary {
    let video = try VideoFile(contentsOf: path, options: decoding)
    let finder = finder()
    var assembly = ShotAssembly(captioner, options)
    var (frames, start) = (0, 0.0)
    while let time = try video.advance() {
      try progress(time, video.duration)
      if frames == 0 { start = time }
      finder.append(Thumbnail(try video.image(coveringSide: Thumbnail.height)))
      try assembly.append(frame: frames, time: time) {
        try video.image(coveringSide: ShotAssembly.pictureSide)
      }
      frames += 1
      try assembly.take(finder.transitions, settled: finder.settled, picture)
    }
    guard frames > 0 else { throw MediaError.undecodable(path: path, reason: "no frame in it") }
    finder.finish()
    let end = max(video.lastEnd, video.currentEnd)
    try assembly.take(finder.transitions, settled: frames, picture)
    try assembly.finish(frames: frames, end: end, picture)
    return Summary(
      shots: assembly.teller.chosen(),
      chapters: Chapters.of(assembly.teller.shots, looks: assembly.teller.looks, end: end),
      duration: end - start, damagedFrames: video.damagedFrames)
  }
}

extension Summarizer {
  /// Where one shot goes over into the next, in frames: the first half of summarizing alone.
  package func transitions(contentsOf path: String) throws -> [Transition] {
    let video = try VideoFile(contentsOf: path, options: decoding)
    let finder = finder()
    while try video.advance() != nil {
      finder.append(Thumbnail(try video.image(coveringSide: Thumbnail.height)))
    }
    finder.finish()
    return finder.transitions
  }

  private var decoding: VideoOptions {
    var options = VideoOptions()
    options.threads = threads
    return options
  }

  private func finder() -> any TransitionFinder {
    shots.map { ShotDetector($0.network, threshold: $0.configuration.threshold) } ?? AdaptiveDetector()
  }
}
