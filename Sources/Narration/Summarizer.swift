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
  /// Seconds between candidates at first.
  private static let interval = 0.25
  /// Candidates of a shot that are kept.
  private static let kept = 16
  /// Candidates of a shot whose features are computed.
  private static let examined = 4
  /// Seconds of a shot for each key frame after the first.
  private static let secondsPerKeyFrame = 3.0
  /// Cosine of features from which on two frames show the same; two shots do; two neighbours belong together.
  private static let (alikeFrames, alikeShots, alikeNeighbours) = (Float(0.8), Float(0.93), Float(0.8))

  private struct Candidate {
    let frame: Int
    let time: Double
    let image: Image
  }

  private let captioner: Captioner
  private let options: SummaryOptions
  private var times: [Double] = []
  private var candidates: [Candidate] = []
  private var nextCandidate = -Double.infinity
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
    candidates.append(Candidate(frame: frame, time: time, image: try image()))
    nextCandidate = time + spacing
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
    // Of a long shot every second one does.
    let known = candidates.count { $0.frame < settled }
    if known > Self.kept {
      candidates = candidates.enumerated().filter { $0.offset >= known || $0.offset % 2 == 0 }.map(\.element)
      spacing *= 2
    }
  }

  /// Closes the last shot.
  mutating func finish(frames: Int, end: Double, _ picture: (Image, Int) throws -> Void) throws {
    times.append(end)
    try close(before: frames, picture)
  }

  /// Makes a shot of the frames from `first` on. One without a candidate is too short to be told of, one of a single colour
  /// shows nothing, unless it is all there is.
  private mutating func close(before end: Int, _ picture: (Image, Int) throws -> Void) throws {
    let own = candidates.filter { $0.frame >= first && $0.frame < end }
    guard !own.isEmpty, first < end else { return }
    let examined = Self.best(own)
    let isWhole = shots.isEmpty && end == times.count - 1
    guard isWhole || examined.contains(where: { !PictureQuality.isPlain($0.image) }) else { return }
    let channels = EfficientNetLite.channels
    var (grids, pooled) = ([Float](), [[Float]]())
    for candidate in examined {
      let grid = captioner.features(of: candidate.image)
      let cells = captioner.gridSize.rows * captioner.gridSize.columns
      grids += UnsafeBufferPointer(start: grid, count: cells * channels)
      var mean = [Float](repeating: 0, count: channels)
      for cell in 0..<cells {
        for channel in 0..<channels { mean[channel] += grid[cell * channels + channel] }
      }
      pooled.append(Representatives.normalized(mean))
    }
    let stride = grids.count / examined.count
    func captions(_ frames: Range<Int>) throws -> Caption {
      try grids.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("a shot has a frame") }
        return try captioner.captions(
          base + frames.lowerBound * stride, frames: frames.count, options: options.captions)[0]
      }
    }
    let whole = try captions(0..<min(examined.count, max(1, captioner.framesPerClip)))
    let look = Representatives.normalized(
      pooled.reduce(into: [Float](repeating: 0, count: channels)) { sum, frame in
        for channel in sum.indices { sum[channel] += frame[channel] }
      })
    let repeats = looks.lastIndex { Representatives.similarity($0, look) >= Self.alikeShots }
      .map { shots[$0].repeats ?? $0 }
    var keyFrames: [Summary.KeyFrame] = []
    if repeats == nil {
      let quality = examined.map { PictureQuality.score($0.image) }
      let chosen = Representatives.ofShot(
        pooled, quality: quality,
        limit: 1 + Int(min((times[end] - times[first]) / Self.secondsPerKeyFrame, 100)),
        alike: Self.alikeFrames)
      for (index, score) in chosen.sorted(by: { $0.index < $1.index }) {
        let caption = try captions(index..<index + 1)
        try picture(examined[index].image, pictures)
        keyFrames.append(
          Summary.KeyFrame(
            time: examined[index].time, picture: pictures, caption: caption.text,
            confidence: caption.confidence, score: Double(min(1, score))))
        features.append(pooled[index])
        pictures += 1
      }
    }
    shots.append(
      Summary.Shot(
        start: times[first], end: times[end], transition: kind, keyFrames: keyFrames, caption: whole.text,
        confidence: whole.confidence, repeats: repeats))
    looks.append(look)
  }

  /// The best pictures of as many equal parts of a shot as are examined.
  private static func best(_ candidates: [Candidate]) -> [Candidate] {
    let parts = min(examined, candidates.count)
    return (0..<parts).compactMap { part in
      let range = part * candidates.count / parts..<(part + 1) * candidates.count / parts
      return candidates[range].max { PictureQuality.score($0.image) < PictureQuality.score($1.image) }
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
