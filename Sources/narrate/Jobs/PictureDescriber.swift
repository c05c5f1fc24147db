import Catalogue
import Files
import Foundation
import Logging
import Media
import Models
import Narration
import Reports

/// Turns an input into captions: reads the picture or the video, asks the network, draws the attention if that is wanted.
final class PictureDescriber {
  private let captioner: CaptionEngine
  private let options: CaptionOptions
  private let decoding: DecodeOptions
  private let threads: Int
  /// Seconds of a video that have a caption of their own; nil is one for the whole.
  private let every: Double?
  private let wantsTimes: Bool
  /// Whether strips of attention are drawn.
  private let drawsAttention: Bool
  private let progress: (_ time: Double, _ duration: Double?) throws -> Void
  private let spools: Spools
  private let logger = Logger(label: "narrate.caption")

  /// How inputs are described, the same for all workers.
  struct Settings {
    var options = CaptionOptions()
    var precision = Precision.auto
    var ignoresOrientation = false
    var every: Double?
    /// Whether a picture, which has no times, is a failure.
    var wantsTimes = false
    var drawsAttention = false
    /// Told how far a video is, in seconds; may throw to stop.
    var progress: (_ time: Double, _ duration: Double?) throws -> Void = { _, _ in }
  }

  /// The model, as a catalogue keeps it apart from others.
  var describingModel: DescribingModel {
    get throws(FileError) {
      DescribingModel(
        name: captioner.name,
        digest: try ContentKey(contentsOf: GivenPath(captioner.weightsPath)).description,
        concepts: captioner.concepts)
    }
  }

  /// One describer for each core or, where there are fewer inputs, for each input, which then has several cores. They share
  /// the weights.
  static func pool(model: URL, threads: Int, inputs: [Input], _ settings: Settings) throws
    -> [PictureDescriber]
  {
    try pool(model: model, threads: threads, count: inputs.count { $0.failure == nil }, settings)
  }

  /// - Parameter count: inputs, as far as is known
  static func pool(model: URL, threads: Int, count: Int, _ settings: Settings) throws -> [PictureDescriber] {
    let start = ContinuousClock.now
    let count = max(1, min(threads, count))
    let share = max(1, threads / count)
    let captioners = try CaptionEngine.pool(
      count, model: model, threads: share, precision: settings.precision)
    captioners[0].warnOfSkippedFiles()
    // Before anything is written.
    try captioners[0].check(settings.options)
    Logger(label: "narrate.caption").debug(
      "\(model.path) loaded in \(milliseconds(since: start)) ms, workers: \(count), threads: \(share), \(captioners[0].precision.rawValue)"
    )
    let spools = Spools()
    return captioners.map { PictureDescriber($0, threads: share, settings, spools) }
  }

  private init(_ captioner: CaptionEngine, threads: Int, _ settings: Settings, _ spools: Spools) {
    self.spools = spools
    (self.captioner, self.threads, options, every) = (captioner, threads, settings.options, settings.every)
    (wantsTimes, drawsAttention, progress) = (
      settings.wantsTimes, settings.drawsAttention, settings.progress
    )
    decoding = DecodeOptions(
      coveringSide: captioner.decodingSide, ignoresOrientation: settings.ignoresOrientation,
      acceptsDamage: settings.options.acceptsDamage)
  }

  typealias Outcome = Result<CaptionResult.Described, InputFailure>

  /// Captions a few inputs, the pictures among them in one search.
  /// - Parameter inputs: at most `CaptionEngine.batch`
  /// - Throws: what ends the whole run.
  func describe(_ inputs: [Input]) throws -> [Outcome] {
    let start = ContinuousClock.now
    var seen = [Seen?](repeating: nil, count: inputs.count)
    var failures = inputs.map(\.failure)
    // The disk works while the first is computed.
    for input in inputs.dropFirst() where input.failure == nil { input.source.location.readAhead() }
    defer { for input in inputs { spools.forget(input.source) } }
    let captions = try captioner.captions(inputs.count, options: options) { index in
      guard failures[index] == nil else { return nil }
      try Interruption.check()
      do {
        seen[index] = try still(inputs[index])
      } catch let failure as InputFailure {
        failures[index] = failure
      }
      // A picture is kept as long as somebody will draw on it.
      defer { if !drawsAttention { seen[index]?.frames = [] } }
      return seen[index]?.frames
    }
    let share = Self.milliseconds(since: start) / Double(max(1, captions.count { $0 != nil }))
    return try inputs.indices.map { index in
      if let failure = failures[index] { return .failure(failure) }
      if var seen = seen[index], let captions = captions[index] {
        seen.captions = captions
        return .success(try described(seen, inputs[index], milliseconds: share))
      }
      do {
        let start = ContinuousClock.now
        let seen = try moving(inputs[index])
        return .success(try described(seen, inputs[index], milliseconds: Self.milliseconds(since: start)))
      } catch let failure as InputFailure {
        return .failure(failure)
      }
    }
  }

  private func described(
    _ seen: Seen, _ input: Input, milliseconds: Double
  ) throws -> CaptionResult.Described {
    let strip = try drawsAttention ? strip(seen) : nil
    logger.debug("\(input.path.text): \(seen.width) x \(seen.height), \(milliseconds) ms")
    if seen.isDamaged {
      logger.warning("\(input.path.text): damaged, and captioned as far as it can be seen")
    }
    return CaptionResult.Described(
      captions: seen.captions, stretches: seen.stretches, width: seen.width, height: seen.height,
      isDamaged: seen.isDamaged, milliseconds: milliseconds, model: captioner.name, strip: strip)
  }

  private func strip(_ seen: Seen) throws -> [UInt8]? {
    try seen.captions.first.map { best in
      try AttentionStrip.draw(
        seen.frames.map(captioner.seen), caption: best, rows: captioner.grid.rows,
        columns: captioner.grid.columns
      ).pngData()
    }
  }

  /// What was looked at and said.
  private struct Seen {
    var frames: [Image]
    var captions: [Caption] = []
    var stretches: [ClipCaption] = []
    var width: Int
    var height: Int
    /// Whether a picture could be read in part only.
    var isDamaged = false
  }

  /// A picture, or a clip's few frames that are kept as pictures, not yet captioned; nil for a video.
  private func still(_ input: Input) throws -> Seen? {
    if !input.frames.isEmpty { return try input.frames.count > captioner.framesPerClip ? nil : frames(input) }
    return try reading(input.source) { path in
      guard try MediaKind(contentsOf: path).isStill else { return nil }
      let picture = try Picture(contentsOf: path, options: decoding)
      guard !wantsTimes else {
        throw InputFailure(
          kind: .unsupported, message: "a picture, which has no times to write subtitles for")
      }
      return Seen(
        frames: [picture.image], width: picture.width, height: picture.height, isDamaged: picture.isDamaged)
    }
  }

  /// A video, or a clip's many frames.
  private func moving(_ input: Input) throws -> Seen {
    guard !input.frames.isEmpty else { return try reading(input.source, video) }
    var seen = try frames(input)
    seen.captions = try captioner.caption(seen.frames, options: options)
    return seen
  }

  private func frames(_ input: Input) throws -> Seen {
    let pictures = try input.frames.map { path in
      try reading(path) { try Picture(contentsOf: $0, options: decoding) }
    }
    return Seen(
      frames: pictures.map(\.image), width: pictures[0].width, height: pictures[0].height,
      isDamaged: pictures.contains(where: \.isDamaged))
  }

  private func video(_ path: String) throws -> Seen {
    var options = VideoOptions(coveringSide: captioner.decodingSide)
    options.ignoresOrientation = decoding.ignoresOrientation
    options.threads = threads
    let video = try VideoFile(contentsOf: path, options: options)
    var seen = Seen(frames: [], captions: [], width: video.width, height: video.height)
    try captioner.caption(video, every: every, options: self.options, progress: progress) { clip, frames in
      if seen.frames.isEmpty { (seen.frames, seen.captions) = (frames, clip.captions) }
      seen.stretches.append(clip)
    }
    if video.damagedFrames > 0 { logger.warning("\(path): \(video.damagedFrames) damaged frames skipped") }
    return seen
  }

  /// Reads an input, which may be a pipe.
  private func reading<Result>(_ path: GivenPath, _ body: (String) throws -> Result) throws -> Result {
    try spools.reading(path) { text in
      do {
        return try body(text)
      } catch let error as MediaError {
        throw InputFailure(kind: error.kind, message: Self.message(error, path: text))
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
