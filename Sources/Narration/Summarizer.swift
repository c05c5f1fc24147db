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
      shots: assembly.chosen(), chapters: assembly.chapters(end: end), duration: end - start,
      damagedFrames: video.damagedFrames)
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

/// Gathers candidates for key frames while it is not yet known where shots end, and makes shots of them when it is.
private struct ShotAssembly {
  /// Shorter side of a key frame's picture, in pixels.
  static let pictureSide = 360
  /// Seconds between candidates.
  private static let interval = 0.25
  /// Candidates of a shot that are kept, at most, once it is known that it goes on.
  private static let kept = 32
  /// Candidates of a part of a shot that are captioned.
  private static let examined = 4
  /// Seconds from which on a shot may have parts, and of a part at least.
  private static let (longShot, shortestPart) = (8.0, 3.0)
  /// What a change within a shot must gain, for `TemporalSegmentation`.
  private static let changePenalty = Float(0.3)
  /// Seconds of a shot for each key frame after the first.
  private static let secondsPerKeyFrame = 3.0
  /// Cosine of features from which on two frames show the same; two shots do; two neighbours belong together.
  private static let (alikeFrames, alikeShots, alikeNeighbours) = (Float(0.8), Float(0.93), Float(0.8))

  private struct Candidate {
    let frame: Int
    let time: Double
    let image: Image
    let quality: Float

    init(frame: Int, time: Double, _ image: Image) {
      (self.frame, self.time, self.image) = (frame, time, image)
      quality = PictureQuality.score(image)
    }
  }

  /// A candidate that was looked at.
  private struct Sample {
    let candidate: Candidate
    /// [cells, channels]
    let grid: [Float]
    /// Mean over the cells, length 1.
    let look: [Float]
  }

  private let captioner: Captioner
  private let options: SummaryOptions
  private var times: [Double] = []
  private var candidates: [Candidate] = []
  private var nextCandidate = -Double.infinity
  /// Seconds between the candidates of the open shot that are kept.
  private var spacing = Self.interval
  /// The open shot's first frame, and how it begins.
  private var first = 0
  private var kind = "start"
  private var taken = 0
  private var pictures = 0
  private var shots: [Summary.Shot] = []
  /// Of each shot, mean over its frames, length 1.
  private var looks: [[Float]] = []
  /// Of each key frame, in the order of the pictures.
  private var features: [[Float]] = []

  init(_ captioner: Captioner, _ options: SummaryOptions) {
    (self.captioner, self.options) = (captioner, options)
  }

  mutating func append(frame: Int, time: Double, _ image: () throws -> Image) throws {
    times.append(time)
    guard time >= nextCandidate else { return }
    candidates.append(Candidate(frame: frame, time: time, try image()))
    nextCandidate = time + Self.interval
  }

  /// Closes the shots that ended.
  mutating func take(
    _ transitions: [Transition], settled: Int, _ picture: (Image, Int) throws -> Void
  ) throws {
    while taken < transitions.count {
      let transition = transitions[taken]
      taken += 1
      try close(before: transition.first, picture)
      (first, kind) = (transition.end, transition.kind.rawValue)
      candidates.removeAll { $0.frame < transition.end }
      spacing = Self.interval
    }
    thin(settled: settled)
  }

  /// Keeps fewer candidates the longer the shot, but all of those frames that may still be of the next one.
  private mutating func thin(settled: Int) {
    while true {
      var (last, count) = (-Double.infinity, 0)
      candidates.removeAll { candidate in
        guard candidate.frame < settled else { return false }
        guard candidate.time >= last + spacing else { return true }
        (last, count) = (candidate.time, count + 1)
        return false
      }
      if count <= Self.kept { return }
      spacing *= 2
    }
  }

  /// Closes the last shot.
  mutating func finish(frames: Int, end: Double, _ picture: (Image, Int) throws -> Void) throws {
    times.append(end)
    try close(before: frames, picture)
  }

  /// Makes a shot of the frames from `first` on, or several if what it shows changes. One without a candidate is too short to be
  /// told of, one of a single colour shows nothing, unless it is all there is.
  private mutating func close(before end: Int, _ picture: (Image, Int) throws -> Void) throws {
    let own = candidates.filter { $0.frame >= first && $0.frame < end }
    guard !own.isEmpty, first < end else { return }
    let seconds = times[end] - times[first]
    let isLong = seconds >= Self.longShot
    let samples = Self.best(own, of: isLong ? max(Self.examined, Int(seconds)) : Self.examined).map(look)
    let isWhole = shots.isEmpty && end == times.count - 1
    guard isWhole || samples.contains(where: { !PictureQuality.isPlain($0.candidate.image) }) else { return }
    let parts =
      isLong
      ? TemporalSegmentation.parts(
        of: samples.map(\.look), penalty: Self.changePenalty,
        shortest: max(2, Int((Double(samples.count) * Self.shortestPart / seconds).rounded(.up))))
      : [samples.indices]
    // A part begins half-way between two samples.
    let starts = parts.map { part in
      guard part.lowerBound > 0 else { return times[first] }
      let middle = (samples[part.lowerBound - 1].candidate.time + samples[part.lowerBound].candidate.time) / 2
      return times[first..<end].first { $0 >= middle } ?? middle
    }
    for (number, part) in parts.enumerated() {
      try tell(
        Self.best(Array(samples[part]), of: Self.examined), start: starts[number],
        end: number + 1 < parts.count ? starts[number + 1] : times[end],
        transition: number == 0 ? kind : "none", picture)
    }
  }

  private func look(at candidate: Candidate) -> Sample {
    let (cells, channels) = (captioner.gridSize.rows * captioner.gridSize.columns, EfficientNetLite.channels)
    let grid = Array(
      UnsafeBufferPointer(start: captioner.features(of: candidate.image), count: cells * channels))
    let sum = stride(from: 0, to: grid.count, by: channels).reduce(
      into: [Float](repeating: 0, count: channels)
    ) { sum, cell in
      for channel in 0..<channels { sum[channel] += grid[cell + channel] }
    }
    return Sample(candidate: candidate, grid: grid, look: Representatives.normalized(sum))
  }

  /// Captions a shot, and chooses its key frames unless it shows what an earlier one showed.
  private mutating func tell(
    _ samples: [Sample], start: Double, end: Double, transition: String,
    _ picture: (Image, Int) throws -> Void
  ) throws {
    let whole = try caption(samples.prefix(max(1, captioner.framesPerClip)))
    let look = Representatives.normalized(
      samples.reduce(into: [Float](repeating: 0, count: EfficientNetLite.channels)) { sum, sample in
        for channel in sum.indices { sum[channel] += sample.look[channel] }
      })
    let repeats = looks.lastIndex { Representatives.similarity($0, look) >= Self.alikeShots }
      .map { shots[$0].repeats ?? $0 }
    var keyFrames: [Summary.KeyFrame] = []
    if repeats == nil {
      let chosen = Representatives.ofShot(
        samples.map(\.look), quality: samples.map(\.candidate.quality),
        limit: 1 + Int(min((end - start) / Self.secondsPerKeyFrame, 100)), alike: Self.alikeFrames)
      for (index, score) in chosen.sorted(by: { $0.index < $1.index }) {
        let caption = try caption([samples[index]])
        try picture(samples[index].candidate.image, pictures)
        keyFrames.append(
          Summary.KeyFrame(
            time: samples[index].candidate.time, picture: pictures, caption: caption.text,
            confidence: caption.confidence, score: Double(min(1, score))))
        features.append(samples[index].look)
        pictures += 1
      }
    }
    shots.append(
      Summary.Shot(
        start: start, end: end, transition: transition, keyFrames: keyFrames, caption: whole.text,
        confidence: whole.confidence, repeats: repeats))
    looks.append(look)
  }

  private func caption(_ samples: some Collection<Sample>) throws -> Caption {
    try samples.flatMap(\.grid).withUnsafeBufferPointer { grids in
      guard let base = grids.baseAddress else { preconditionFailure("a shot has a frame") }
      return try captioner.captions(base, frames: samples.count, options: options.captions)[0]
    }
  }

  /// The best pictures of as many equal parts.
  private static func best(_ candidates: [Candidate], of parts: Int) -> [Candidate] {
    best(candidates, of: parts, by: \.quality)
  }

  private static func best(_ samples: [Sample], of parts: Int) -> [Sample] {
    best(samples, of: parts, by: \.candidate.quality)
  }

  private static func best<Frame>(_ frames: [Frame], of parts: Int, by quality: (Frame) -> Float) -> [Frame] {
    let parts = min(parts, frames.count)
    return (0..<parts).compactMap { part in
      let range = part * frames.count / parts..<(part + 1) * frames.count / parts
      return frames[range].max { quality($0) < quality($1) }
    }
  }

  /// The shots, with no more key frames than asked for.
  func chosen() -> [Summary.Shot] {
    guard let limit = options.keyFrames, pictures > limit else { return shots }
    let weights = shots.flatMap { shot in
      shot.keyFrames.map { _ in Float((shot.end - shot.start) / Double(shot.keyFrames.count)) }
    }
    let kept = Set(Representatives.ofAll(features, weights: weights, count: limit))
    return shots.map { shot in
      var shot = shot
      shot.keyFrames.removeAll { !kept.contains($0.picture) }
      return shot
    }
  }

  /// Neighbouring shots that look or read alike, in one.
  func chapters(end: Double) -> [Summary.Chapter] {
    var chapters: [Range<Int>] = []
    for (index, shot) in shots.enumerated() {
      let alike = chapters.last.map { chapter in
        shot.repeats.map { chapter.contains($0) } ?? false
          || Representatives.similarity(looks[index - 1], looks[index]) >= Self.alikeNeighbours
          || Self.words(shots[index - 1].caption).isAlike(Self.words(shot.caption))
      }
      if alike == true, let last = chapters.last {
        chapters[chapters.count - 1] = last.lowerBound..<index + 1
      } else {
        chapters.append(index..<index + 1)
      }
    }
    return chapters.enumerated().map { number, range in
      let title = shots[range].max {
        $0.confidence * ($0.end - $0.start) < $1.confidence * ($1.end - $1.start)
      }
      return Summary.Chapter(
        start: shots[range.lowerBound].start,
        end: number + 1 < chapters.count ? shots[chapters[number + 1].lowerBound].start : end,
        title: title?.caption ?? "", confidence: title?.confidence ?? 0, shots: range)
    }
  }

  /// What a caption speaks of: its words without the small ones.
  private static func words(_ caption: String) -> Set<Substring> {
    let small: Set<Substring> = [
      "a", "an", "the", "is", "are", "of", "in", "on", "at", "to", "and", "with", "his", "her", "their", "by",
      "next", "front", "top", "that", "there", "it",
    ]
    return Set(caption.split(separator: " ")).subtracting(small)
  }
}

extension Set<Substring> {
  /// Whether more than half of the words are the same.
  fileprivate func isAlike(_ other: Set<Substring>) -> Bool {
    Double(intersection(other).count) > 0.5 * Double(Swift.max(union(other).count, 1))
  }
}
