import Media
import Models
import Scenes

/// Makes shots of frames when it is known where they end. Shots follow on each other without gaps: from one to the next they
/// change in the middle of the transition.
struct ShotAssembly {
  /// Shorter side of a key frame's picture, in pixels.
  static let pictureSide = 360
  /// Seconds of a shot at least; a shorter one is part of the next.
  private static let shortestShot = 0.25
  /// Seconds from which on a shot may have parts, and of a part at least.
  private static let (longShot, shortestPart) = (8.0, 3.0)
  /// What a change within a shot must gain, for `TemporalSegmentation`.
  private static let changePenalty = Float(0.3)

  private(set) var shotCaptioner: ShotCaptioner
  /// Of all frames, and at last the end of the last one.
  private(set) var times: [Double] = []
  private var candidates = KeyFrameCandidates()
  /// The open shot's first frame, and how it begins.
  private var first = 0
  private var opening = (kind: ShotTransition.start, confidence: 1.0)
  /// Where the last transition ended: later than `first` if what came between was too little for a shot.
  private var latest = 0
  private var taken = 0

  init(_ captioner: CaptionEngine, _ options: SummaryOptions) {
    shotCaptioner = ShotCaptioner(captioner, options)
  }

  mutating func append(frame: Int, time: Double, _ image: () throws -> Image) throws {
    times.append(time)
    try candidates.append(frame: frame, time: time, image)
  }

  /// Closes the shots that ended.
  mutating func take(
    _ transitions: [Transition], settled: Int, _ picture: (Image, Int) throws -> Void
  ) throws {
    while taken < transitions.count {
      let transition = transitions[taken]
      taken += 1
      candidates.remove(transition.first..<transition.end)
      let own = ownCandidates(before: transition.boundary)
      if !own.isEmpty, times[transition.boundary] - times[latest] >= Self.shortestShot {
        try tell(own, before: transition.boundary, picture)
        first = transition.boundary
        opening = (ShotTransition(transition.kind), Double(transition.confidence))
        candidates.beginShot(at: first)
      }
      latest = transition.boundary
    }
    candidates.thin(settled: settled)
  }

  /// Closes the last shot.
  mutating func finish(frames: Int, end: Double, _ picture: (Image, Int) throws -> Void) throws {
    times.append(end)
    let own = ownCandidates(before: frames)
    if !own.isEmpty, shotCaptioner.shots.isEmpty || end - times[latest] >= Self.shortestShot {
      try tell(own, before: frames, picture)
    } else if shotCaptioner.shots.isEmpty {
      try tell(candidates[first..<frames], before: frames, picture)
    } else {
      shotCaptioner.extendLast(to: end, frames: frames)
    }
  }

  /// Those of what the open shot shows since the last transition: what is black or white shows nothing.
  private func ownCandidates(before end: Int) -> [KeyFrameCandidate] {
    guard latest < end else { return [] }
    return candidates[latest..<end].filter { !PictureQuality.isBlank($0.image) }
  }

  /// Makes a shot of the frames from `first` on, or several if what it shows changes.
  private mutating func tell(
    _ own: [KeyFrameCandidate], before end: Int, _ picture: (Image, Int) throws -> Void
  ) throws {
    let seconds = times[end] - times[first]
    let isLong = seconds >= Self.longShot
    let examined = isLong ? max(ShotCaptioner.examined, Int(bounded: seconds)) : ShotCaptioner.examined
    let samples = own.best(of: examined, by: \.quality).map(shotCaptioner.sample)
    let parts =
      isLong
      ? TemporalSegmentation.parts(
        of: samples.map(\.features), penalty: Self.changePenalty,
        shortest: max(2, Int(bounded: (Double(samples.count) * Self.shortestPart / seconds).rounded(.up))))
      : [samples.indices]
    // A part begins half-way between two samples.
    let starts = parts.map { part in
      guard part.lowerBound > 0 else { return first }
      let middle = (samples[part.lowerBound - 1].candidate.time + samples[part.lowerBound].candidate.time) / 2
      return times[first..<end].firstIndex { $0 >= middle } ?? samples[part.lowerBound].candidate.frame
    }
    for (number, part) in parts.enumerated() {
      let next = number + 1 < parts.count ? starts[number + 1] : end
      try shotCaptioner.tell(
        samples[part].best(of: ShotCaptioner.examined, by: \.candidate.quality),
        start: times[starts[number]], end: times[next], frames: starts[number]..<next,
        transition: number == 0 ? opening.kind : .none,
        transitionConfidence: number == 0 ? opening.confidence : 0, picture)
    }
  }
}
