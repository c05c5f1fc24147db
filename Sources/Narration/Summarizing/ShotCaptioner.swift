import Language
import Media
import Models
import Scenes
import Tensors

/// A frame that was looked at.
struct FrameSample {
  let candidate: KeyFrameCandidate
  /// [cells, channels]
  let grid: [Float]
  /// Mean over the cells, length 1.
  let features: [Float]
}

/// Captions shots and chooses their key frames.
struct ShotCaptioner {
  /// Frames of a shot that are captioned.
  static let examined = 4
  /// Seconds of a shot for each key frame after the first.
  private static let secondsPerKeyFrame = 3.0
  /// Cosine of features from which on two frames show the same; two shots do.
  private static let (alikeFrames, alikeShots) = (Float(0.8), Float(0.93))

  private static func plain(in language: CaptionLanguage) -> Caption {
    let caption = Caption(
      words: English.oneColor.map { Caption.Word(text: $0, probability: 1, attention: []) }, logProbability: 0
    )
    return language == .english ? caption : caption.translated(language, language.oneColor)
  }

  private let captioner: CaptionEngine
  private let options: SummaryOptions
  private var pictures = 0
  private(set) var shots: [Summary.Shot] = []
  /// Of each shot, mean over its frames, length 1.
  private(set) var shotFeatures: [[Float]] = []
  /// Of each key frame, in the order of the pictures.
  private var keyFrameFeatures: [[Float]] = []

  init(_ captioner: CaptionEngine, _ options: SummaryOptions) {
    (self.captioner, self.options) = (captioner, options)
  }

  func sample(_ candidate: KeyFrameCandidate) -> FrameSample {
    let channels = captioner.channels
    let grid = [Float](captioner.features(of: candidate.image))
    let sum = stride(from: 0, to: grid.count, by: channels).reduce(
      into: [Float](repeating: 0, count: channels)
    ) { sum, cell in
      for channel in 0..<channels { sum[channel] += grid[cell + channel] }
    }
    return FrameSample(candidate: candidate, grid: grid, features: Representatives.normalized(sum))
  }

  /// Captions a shot, and chooses its key frames unless it shows what an earlier one showed.
  mutating func tell(
    _ samples: [FrameSample], start: Double, end: Double, frames: Range<Int>, transition: ShotTransition,
    transitionConfidence: Double, _ picture: (Image, Int) throws -> Void
  ) throws {
    let whole = try caption(samples.prefix(max(1, captioner.framesPerClip)))
    let features = Representatives.normalized(
      samples.reduce(into: [Float](repeating: 0, count: captioner.channels)) { sum, sample in
        for channel in sum.indices { sum[channel] += sample.features[channel] }
      })
    let repeats = shotFeatures.lastIndex { Representatives.similarity($0, features) >= Self.alikeShots }
      .map { shots[$0].repeats ?? $0 }
    let keyFrames = repeats == nil ? try keyFrames(samples, seconds: end - start, picture) : []
    shots.append(
      Summary.Shot(
        start: start, end: end, frames: frames, transition: transition,
        transitionConfidence: transitionConfidence, keyFrames: keyFrames, caption: whole.text,
        translation: whole.translation?.text, confidence: whole.confidence, repeats: repeats))
    shotFeatures.append(features)
  }

  private mutating func keyFrames(
    _ samples: [FrameSample], seconds: Double, _ picture: (Image, Int) throws -> Void
  ) throws -> [Summary.KeyFrame] {
    let chosen = Representatives.ofShot(
      samples.map(\.features), quality: samples.map(\.candidate.quality),
      limit: 1 + Int(bounded: min(seconds / Self.secondsPerKeyFrame, 100)), alike: Self.alikeFrames)
    var keyFrames: [Summary.KeyFrame] = []
    for (index, score) in chosen.sorted(by: { $0.index < $1.index }) {
      let caption = try caption([samples[index]])
      try picture(samples[index].candidate.image, pictures)
      keyFrames.append(
        Summary.KeyFrame(
          time: samples[index].candidate.time, picture: pictures, caption: caption.text,
          translation: caption.translation?.text, confidence: caption.confidence, score: Double(min(1, score))
        ))
      keyFrameFeatures.append(samples[index].features)
      pictures += 1
    }
    return keyFrames
  }

  /// Lets the last shot go on.
  mutating func extendLast(to end: Double, frames: Int) {
    let last = shots.count - 1
    shots[last].end = end
    shots[last].frames = shots[last].frames.lowerBound..<frames
  }

  private func caption(_ samples: some Collection<FrameSample>) throws -> Caption {
    // The network has learned from pictures that show something.
    if samples.allSatisfy({ PictureQuality.isPlain($0.candidate.image) }) {
      return Self.plain(in: options.captions.language)
    }
    let grids = samples.flatMap(\.grid)
    return try grids.withUnsafeRows(grids.count / captioner.channels) {
      try captioner.captions($0, options: options.captions)[0]
    }
  }

  /// The shots, with no more key frames than asked for.
  func chosen() -> [Summary.Shot] {
    guard let limit = options.keyFrames, pictures > limit else { return shots }
    let weights = shots.flatMap { shot in
      shot.keyFrames.map { _ in Float((shot.end - shot.start) / Double(shot.keyFrames.count)) }
    }
    let kept = Set(Representatives.ofAll(keyFrameFeatures, weights: weights, count: limit))
    return shots.map { shot in
      var shot = shot
      shot.keyFrames.removeAll { !kept.contains($0.picture) }
      return shot
    }
  }
}
