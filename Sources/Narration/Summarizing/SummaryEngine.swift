import Foundation
import Media
import Models
import Scenes

/// Summarizes videos: shots, their key frames, captions and chapters, in one pass and bounded memory. Not thread-safe.
package final class SummaryEngine {
  /// The models' names.
  package let name: String
  package let captioner: CaptionEngine
  /// What finds the shots.
  package let shots: ShotEngine

  /// Loads what is needed.
  /// - Parameters:
  ///   - captioner: a captioning model's folder
  ///   - shots: a shot model's folder; nil finds shots the plain way
  ///   - threads: cores to use, 1 to 1024
  ///   - precision: the numbers that the captioner's encoder calculates in
  /// - Throws: `ModelError` if a folder cannot be used, `PrecisionError` if this CPU cannot calculate so.
  package init(
    captioner folder: URL, shots: URL?, threads: Int = 1, precision: Precision = .auto
  ) throws {
    captioner = try CaptionEngine(model: folder, threads: threads, precision: precision)
    self.shots = try ShotEngine(model: shots, threads: threads)
    name = "\(captioner.name) \(self.shots.name)"
  }

  /// Asks early whether the options suit the model.
  package func check(_ options: SummaryOptions) throws {
    try options.check()
    try captioner.check(options.captions)
  }

  /// Opens a video to be summarized.
  /// - Throws: `MediaError` when there is no video in it, or none that can be decoded.
  package func open(_ path: String) throws(MediaError) -> VideoFile { try shots.open(path) }

  /// Summarizes a video.
  /// - Parameters:
  ///   - video: before its first frame
  ///   - picture: given the picture of each key frame with its number, in order of the shots; some may not be in the summary.
  ///   - progress: told the seconds done and the video's length, if known; may throw to stop.
  ///   - frame: called for each frame with its time, while it is the stream's current one
  /// - Throws: `MediaError` when there is no frame to be looked at, `StyleError` when the model has no such style,
  ///   `OptionError` for an option that cannot be.
  package func summarize(
    _ video: VideoFile, options: SummaryOptions = SummaryOptions(),
    progress: @escaping (_ seconds: Double, _ duration: Double?) throws -> Void = { _, _ in },
    frame: (Double, FrameStream) throws -> Void = { _, _ in },
    picture: (Image, Int) throws -> Void
  ) throws -> Summary {
    try check(options)
    let finder = shots.finder()
    var assembly = ShotAssembly(captioner, options)
    var meter = ImportanceMeter()
    let stream = FrameStream(video, progress: progress)
    let start = try stream.first()
    var (frames, next) = (0, Optional(start))
    while let time = next {
      let thumbnail = Thumbnail(try stream.image(coveringSide: Thumbnail.height))
      finder.append(thumbnail)
      try meter.append(time: time, thumbnail) {
        let candidate = KeyFrameCandidate(
          frame: frames, time: time, try stream.image(coveringSide: ShotAssembly.pictureSide))
        return (assembly.shotCaptioner.sample(candidate).features, candidate.quality)
      }
      try assembly.append(frame: frames, time: time) {
        try stream.image(coveringSide: ShotAssembly.pictureSide)
      }
      try frame(time, stream)
      frames += 1
      try assembly.take(finder.transitions, settled: finder.settled, picture)
      next = try stream.next()
    }
    finder.finish()
    let end = stream.end
    try assembly.take(finder.transitions, settled: frames, picture)
    try assembly.finish(frames: frames, end: end, picture)
    // A stream whose times may begin anew claims nothing: somebody has subtracted them.
    let claimed = video.mayJump ? nil : video.streamDuration ?? video.duration
    let told = assembly.shotCaptioner
    var chapters = Chapters.of(told.shots, features: told.shotFeatures, end: end)
    if let most = options.chapters { chapters = Chapters.atMost(most, of: chapters) }
    return Summary(
      path: video.path, model: name, shots: told.chosen(), chapters: chapters,
      importance: meter.scores.enumerated().map { .init(time: start + Double($0), score: $1) },
      duration: end - start, width: video.width, height: video.height,
      timing: FrameTiming(times: assembly.times.dropLast(), end: end, video.clock),
      damagedFrames: video.damagedFrames,
      claimedDuration: claimed.flatMap { $0 - (end - start) > max(1, 0.05 * $0) ? $0 : nil },
      sureConfidence: captioner.sureConfidence, language: options.captions.language)
  }
}
