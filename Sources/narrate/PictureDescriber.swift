import Files
import Foundation
import Logging
import Media
import Narration

/// Turns an input into captions: reads the picture or the video, asks the network, draws the attention if that is wanted.
final class PictureDescriber {
  private let captioner: Captioner
  private let options: CaptionOptions
  private let decoding: DecodeOptions
  private let threads: Int
  /// Seconds of a video that have a caption of their own; nil is one for the whole.
  private let every: Double?
  private let wantsTimes: Bool
  private var attention: AttentionFolder?
  private let progress: (_ time: Double, _ duration: Double?) throws -> Void
  private let logger = Logger(label: "narrate.caption")

  /// - Parameters:
  ///   - wantsTimes: whether a picture, which has none, is a failure.
  ///   - progress: told how far a video is, in seconds; may throw to stop.
  init(
    model: URL, threads: Int, options: CaptionOptions, ignoresOrientation: Bool = false, every: Double? = nil,
    wantsTimes: Bool = false, attention: AttentionFolder? = nil,
    progress: @escaping (_ time: Double, _ duration: Double?) throws -> Void = { _, _ in }
  ) throws {
    let start = ContinuousClock.now
    captioner = try Captioner(model: model, threads: threads)
    (self.options, self.threads, self.every, self.wantsTimes) = (options, threads, every, wantsTimes)
    decoding = DecodeOptions(coveringSide: captioner.inputSize, ignoresOrientation: ignoresOrientation)
    (self.attention, self.progress) = (attention, progress)
    logger.debug("\(model.path) loaded in \(Self.milliseconds(since: start)) ms, threads: \(threads)")
  }

  /// - Throws: `InputFailure` if it is the file's fault; what else is thrown ends the run.
  func describe(_ input: Input) throws -> CaptionResult.Described {
    let start = ContinuousClock.now
    let seen: Seen
    if !input.frames.isEmpty {
      seen = try frames(input.frames)
    } else {
      let standardInput = input.isStandardInput ? try StandardInput() : nil
      // The file without a name lives as long as its owner.
      seen = try withExtendedLifetime(standardInput) {
        try Self.reading(standardInput?.path ?? input.path) { path in
          try MediaKind(contentsOf: path).isStill ? picture(path) : video(path)
        }
      }
    }
    let milliseconds = Self.milliseconds(since: start)
    if let place = attention?.place(for: input.path), let best = seen.captions.first {
      let strip = AttentionStrip.draw(
        seen.frames, caption: best, rows: captioner.gridSize.rows, columns: captioner.gridSize.columns)
      try attention?.write(strip, to: place)
    }
    logger.debug("\(input.path.text): \(seen.width) x \(seen.height), \(milliseconds) ms")
    return CaptionResult.Described(
      captions: seen.captions, stretches: seen.stretches, width: seen.width, height: seen.height,
      milliseconds: milliseconds, model: captioner.name)
  }

  /// What was looked at and said.
  private struct Seen {
    var frames: [Image]
    var captions: [Caption]
    var stretches: [CaptionResult.Stretch] = []
    var width: Int
    var height: Int
  }

  private func picture(_ path: String) throws -> Seen {
    let picture = try Picture(contentsOf: path, options: decoding)
    guard !wantsTimes else {
      throw InputFailure(kind: "unsupported", message: "a picture, which has no times to write subtitles for")
    }
    return Seen(
      frames: [picture.image], captions: try captioner.caption(picture.image, options: options),
      width: picture.width, height: picture.height)
  }

  private func frames(_ paths: [FilePath]) throws -> Seen {
    let pictures = try paths.map { path in
      try Self.reading(path) { try Picture(contentsOf: $0, options: decoding) }
    }
    let images = pictures.map(\.image)
    return Seen(
      frames: images, captions: try captioner.caption(images, options: options), width: pictures[0].width,
      height: pictures[0].height)
  }

  private func video(_ path: String) throws -> Seen {
    var options = VideoOptions(coveringSide: captioner.inputSize)
    options.ignoresOrientation = decoding.ignoresOrientation
    options.threads = threads
    let video = try VideoFile(contentsOf: path, options: options)
    var seen = Seen(frames: [], captions: [], width: video.width, height: video.height)
    try captioner.caption(video, every: every, options: self.options, progress: progress) { clip in
      if seen.frames.isEmpty { (seen.frames, seen.captions) = (clip.frames, clip.captions) }
      seen.stretches.append(
        CaptionResult.Stretch(start: clip.start, end: clip.end, captions: clip.captions))
    }
    if video.damagedFrames > 0 { logger.warning("\(path): \(video.damagedFrames) damaged frames skipped") }
    return seen
  }

  private static func reading<Result>(_ path: FilePath, _ body: (String) throws -> Result) throws -> Result {
    try path.withReadableText { text in
      do {
        return try body(text)
      } catch let error as MediaError {
        throw InputFailure(kind: error.kind, message: message(error, path: text))
      }
    }
  }

  /// The reason alone: who prints it names the path, and perhaps another one than was opened.
  private static func message(_ error: MediaError, path: String) -> String {
    let text = error.description
    return text.hasPrefix(path + ": ") ? String(text.dropFirst(path.count + 2)) : text
  }

  private static func milliseconds(since start: ContinuousClock.Instant) -> Double {
    ((ContinuousClock.now - start) / .milliseconds(1) * 10).rounded() / 10
  }
}
