import Media
import Scenes
import Tensors

/// Makes stretches of video with transitions that are known, from clips: cuts, dissolves, fades through black or white and
/// wipes; and what must not be taken for one: flashes, pans, zooms, shaking, jumps of brightness, standing pictures.
package struct ShotComposer: Sendable {
  /// A clip's frames, larger than a thumbnail so that a camera can move over them.
  package struct Clip: Sendable {
    package static let width = 64
    package static let height = 36
    /// RGB, [height, width, 3] each
    package let frames: [[UInt8]]
    package let label: Int

    package init(frames: [Image], label: Int) {
      self.frames = frames.map { $0.resized(width: Self.width, height: Self.height).pixels }
      self.label = label
    }
  }

  /// A stretch and its transitions.
  package struct Stretch: Sendable {
    package var frames: [Thumbnail] = []
    package var transitions: [Transition] = []

    /// What each frame is: 0, or the kind's number from 1 on.
    package var classes: [Int32] {
      var classes = [Int32](repeating: 0, count: frames.count)
      for transition in transitions {
        let kind = Int32(TransitionKind.allCases.firstIndex(of: transition.kind) ?? 0) + 1
        for frame in transition.first..<max(transition.end, transition.first + 1) where frame < classes.count
        {
          classes[frame] = kind
        }
      }
      return classes
    }
  }

  /// How shots are chosen and filmed.
  package struct Settings: Sendable {
    /// Shares of cuts, dissolves, fades and wipes.
    package var kinds: [Float]
    package var shotLengths: ClosedRange<Int>
    package var dissolveLengths = 4...30
    package var fadeLengths = 6...30
    package var wipeLengths = 4...24
    /// Whether the camera, the light and the speed vary, and there are flashes.
    package var varies: Bool

    /// What is learned from.
    package static let learning = Settings(
      kinds: [0.45, 0.27, 0.16, 0.12], shotLengths: 10...80, varies: true)
    /// What is measured on: hard cuts 70 %, dissolves 20 %, fades 10 %.
    package static let measuring = Settings(kinds: [0.7, 0.2, 0.1, 0], shotLengths: 30...120, varies: false)
  }

  private let clips: [Clip]
  let settings: Settings

  package init(_ clips: [Clip], _ settings: Settings) {
    precondition(clips.count > 1)
    (self.clips, self.settings) = (clips, settings)
  }

  /// - Parameters:
  ///   - frames: how long the stretch is; nil goes on until the last shot is over
  ///   - shots: how many shots, if `frames` is nil
  package func stretch(frames: Int? = nil, shots: Int = 0, _ random: inout RandomGenerator) -> Stretch {
    var stretch = Stretch()
    var shot = FilmedShot(random.integer(below: clips.count), clips, settings, &random)
    var left = frames == nil ? length(&random) : random.integer(below: settings.shotLengths.upperBound)
    var number = 1
    while frames.map({ stretch.frames.count < $0 }) ?? true {
      for _ in 0..<left { stretch.frames.append(shot.next(&random)) }
      if frames == nil, number == shots { break }
      var next = FilmedShot(other(than: shot.clip, &random), clips, settings, &random)
      append(kind(&random), from: &shot, to: &next, to: &stretch, &random)
      (shot, left, number) = (next, length(&random), number + 1)
    }
    if let frames {
      stretch.frames.removeLast(stretch.frames.count - frames)
      stretch.transitions.removeAll { $0.first >= frames }
    }
    return stretch
  }

  private func length(_ random: inout RandomGenerator) -> Int {
    settings.shotLengths.lowerBound + random.integer(below: settings.shotLengths.count)
  }

  /// Another clip, often one of the same label, which looks more alike.
  private func other(than clip: Int, _ random: inout RandomGenerator) -> Int {
    let wantsAlike = random.uniform() < 0.3
    for _ in 0..<50 {
      let other = random.integer(below: clips.count)
      if other != clip, !wantsAlike || clips[other].label == clips[clip].label { return other }
    }
    return (clip + 1) % clips.count
  }

  private func kind(_ random: inout RandomGenerator) -> TransitionKind {
    var rest = random.uniform() * settings.kinds.reduce(0, +)
    for (kind, share) in zip(TransitionKind.allCases, settings.kinds) {
      rest -= share
      if rest < 0 { return kind }
    }
    return .cut
  }
}
