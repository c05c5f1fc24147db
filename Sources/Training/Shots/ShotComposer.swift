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
  private let settings: Settings

  package init(_ clips: [Clip], _ settings: Settings) {
    precondition(clips.count > 1)
    (self.clips, self.settings) = (clips, settings)
  }

  /// - Parameters:
  ///   - frames: how long the stretch is; nil goes on until the last shot is over
  ///   - shots: how many shots, if `frames` is nil
  package func stretch(frames: Int? = nil, shots: Int = 0, _ random: inout RandomGenerator) -> Stretch {
    var stretch = Stretch()
    var shot = Shot(random.integer(below: clips.count), clips, settings, &random)
    var left = frames == nil ? length(&random) : random.integer(below: settings.shotLengths.upperBound)
    var number = 1
    while frames.map({ stretch.frames.count < $0 }) ?? true {
      for _ in 0..<left { stretch.frames.append(shot.next(&random)) }
      if frames == nil, number == shots { break }
      var next = Shot(other(than: shot.clip, &random), clips, settings, &random)
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

  private func append(
    _ kind: TransitionKind, from old: inout Shot, to new: inout Shot, to stretch: inout Stretch,
    _ random: inout RandomGenerator
  ) {
    func draw(_ lengths: ClosedRange<Int>) -> Int {
      lengths.lowerBound + random.integer(below: lengths.count)
    }
    let first = stretch.frames.count
    let length =
      switch kind {
      case .cut: 0
      case .dissolve: draw(settings.dissolveLengths)
      case .fade: draw(settings.fadeLengths)
      case .wipe: draw(settings.wipeLengths)
      }
    let white: Float = settings.varies && random.uniform() < 0.2 ? 255 : 0
    let direction = random.integer(below: 4)
    for step in 0..<length {
      let share = Float(step + 1) / Float(length + 1)
      let (a, b) = (old.next(&random), new.next(&random))
      stretch.frames.append(
        Thumbnail(
          values: zip(a.values, b.values).enumerated().map { index, pair in
            let (x, y) = (Float(pair.0), Float(pair.1))
            let value: Float
            switch kind {
            case .cut, .dissolve: value = x + (y - x) * share
            case .fade:
              value = share < 0.5 ? x + (white - x) * 2 * share : white + (y - white) * (2 * share - 1)
            case .wipe:
              let pixel = index / 3
              let across = Float(pixel % Thumbnail.width) / Float(Thumbnail.width)
              let down = Float(pixel / Thumbnail.width) / Float(Thumbnail.height)
              let place = [across, 1 - across, down, 1 - down][direction]
              value = place < share ? y : x
            }
            return UInt8(max(0, min(255, value.rounded())))
          }))
    }
    stretch.transitions.append(Transition(kind, first: first, end: first + length))
  }
}

/// A shot that is being filmed off a clip.
private struct Shot {
  let clip: Int
  private let frames: [[UInt8]]
  private let varies: Bool
  private let isMirrored: Bool
  /// Frames of the clip for one of the shot.
  private let speed: Float
  private var place: Float
  /// The window's left, top and size, as shares of the picture; and what is added a frame.
  private var window: (x: Float, y: Float, size: Float)
  private var motion: (x: Float, y: Float, size: Float) = (0, 0, 0)
  private let shaking: Float
  private var gain: [Float]
  private var light: Float = 1
  private var lightGoal: Float = 1
  private var flash: Float = 0
  /// How much of the picture's contrast is left.
  private let contrast: Float
  /// What passes before the camera, or is written over the picture.
  private var intruders: [Intruder] = []
  private let intrusion: Float

  init(
    _ clip: Int, _ clips: [ShotComposer.Clip], _ settings: ShotComposer.Settings,
    _ random: inout RandomGenerator
  ) {
    self.clip = clip
    frames = clips[clip].frames
    varies = settings.varies
    place = Float(random.integer(below: frames.count))
    guard varies else {
      (isMirrored, speed, window, shaking, gain) = (false, 1, (0, 0, 1), 0, [1, 1, 1])
      (contrast, intrusion) = (1, 0)
      // As much of the clip as there is lies before the shot's end.
      place = Float(random.integer(below: max(1, frames.count - settings.shotLengths.upperBound)))
      return
    }
    isMirrored = random.integer(below: 2) == 1
    speed = [0, 0.5, 1, 1, 1, 1, 2, 3][random.integer(below: 8)]
    let size = random.uniform() < 0.3 ? 1 : 0.6 + 0.4 * random.uniform()
    window = (random.uniform() * (1 - size), random.uniform() * (1 - size), size)
    switch random.integer(below: 6) {
    case 0: motion = ((random.uniform() - 0.5) * 0.12, (random.uniform() - 0.5) * 0.04, 0)
    case 1: motion = (0, 0, (random.uniform() - 0.5) * 0.04)
    case 2:
      motion = (
        (random.uniform() - 0.5) * 0.02, (random.uniform() - 0.5) * 0.02, (random.uniform() - 0.5) * 0.01
      )
    default: break
    }
    shaking = random.uniform() < 0.15 ? 0.04 * random.uniform() : 0
    let tint = 0.7 + 0.5 * random.uniform()
    gain = (0..<3).map { _ in tint * (0.92 + 0.16 * random.uniform()) }
    contrast = random.uniform() < 0.2 ? 0.1 + 0.6 * random.uniform() : 1
    intrusion = random.uniform() < 0.35 ? 0.05 * random.uniform() : 0
  }

  /// The next frame. At either end the clip turns round.
  mutating func next(_ random: inout RandomGenerator) -> Thumbnail {
    let last = frames.count - 1
    let step = Int(place) % max(1, 2 * last)
    let frame = frames[step <= last ? step : 2 * last - step]
    place += speed
    var view = window
    if varies { vary(&view, &random) }
    var values = sample(frame, view)
    for index in intruders.indices { intruders[index].draw(into: &values) }
    intruders.removeAll(where: \.isGone)
    return Thumbnail(values: values)
  }

  private mutating func vary(_ view: inout (x: Float, y: Float, size: Float), _ random: inout RandomGenerator)
  {
    window.size = max(0.35, min(1, window.size + motion.size))
    if window.size == 1 || window.size == 0.35 { motion.size = -motion.size }
    window.x += motion.x
    window.y += motion.y
    if window.x < 0 || window.x > 1 - window.size { motion.x = -motion.x }
    if window.y < 0 || window.y > 1 - window.size { motion.y = -motion.y }
    window.x = max(0, min(1 - window.size, window.x))
    window.y = max(0, min(1 - window.size, window.y))
    view = window
    view.x = max(0, min(1 - view.size, view.x + (random.uniform() - 0.5) * shaking))
    view.y = max(0, min(1 - view.size, view.y + (random.uniform() - 0.5) * shaking))
    if random.uniform() < 0.006 { lightGoal = 0.5 + random.uniform() }
    light += (lightGoal - light) * (0.1 + 0.9 * random.uniform())
    if random.uniform() < intrusion { intruders.append(Intruder(frames, &random)) }
    flash = flash > 0.05 ? flash * 0.5 * random.uniform() : random.uniform() < 0.008 ? 1 : 0
  }

  private func sample(_ frame: [UInt8], _ view: (x: Float, y: Float, size: Float)) -> [UInt8] {
    let (wide, high) = (ShotComposer.Clip.width, ShotComposer.Clip.height)
    var result = [UInt8](repeating: 0, count: Thumbnail.pixels * 3)
    let flash = flash * 200
    frame.withUnsafeBufferPointer { source in
      for row in 0..<Thumbnail.height {
        let y = max(
          0,
          (view.y + view.size * (Float(row) + 0.5) / Float(Thumbnail.height)) * Float(high) - 0.5)
        let top = min(Int(y), high - 2)
        let down = min(1, y - Float(top))
        for column in 0..<Thumbnail.width {
          let across = (Float(column) + 0.5) / Float(Thumbnail.width)
          let x = max(
            0, (view.x + view.size * (isMirrored ? 1 - across : across)) * Float(wide) - 0.5)
          let left = min(Int(x), wide - 2)
          let right = min(1, x - Float(left))
          for colour in 0..<3 {
            let at = (top * wide + left) * 3 + colour
            let upper = Float(source[at]) * (1 - right) + Float(source[at + 3]) * right
            let lower =
              Float(source[at + wide * 3]) * (1 - right) + Float(source[at + wide * 3 + 3]) * right
            let plain = 110 + (upper * (1 - down) + lower * down - 110) * contrast
            let value = plain * gain[colour] * light + flash
            result[(row * Thumbnail.width + column) * 3 + colour] = UInt8(max(0, min(255, value)))
          }
        }
      }
    }
    return result
  }
}

/// A thing that passes before the camera, or a mark that comes and goes at once, as writing does.
private struct Intruder {
  /// Of the picture's width and height: centre, half size, motion a frame.
  private var x, y: Float
  private let wide, high, across, down: Float
  private let isRound: Bool
  private let colour: [UInt8]
  /// Where its own pattern is taken from; nil is plain.
  private let texture: [UInt8]?
  private var framesLeft: Int

  init(_ frames: [[UInt8]], _ random: inout RandomGenerator) {
    let passes = random.uniform() < 0.6
    wide = passes ? 0.08 + 0.4 * random.uniform() : 0.03 + 0.3 * random.uniform()
    high = passes ? 0.1 + 0.5 * random.uniform() : 0.02 + 0.1 * random.uniform()
    let speed = 0.01 + 0.1 * random.uniform() * random.uniform()
    let fromLeft = random.integer(below: 2) == 1
    let isUpright = random.uniform() < 0.3
    if passes {
      x = isUpright ? random.uniform() : fromLeft ? -wide : 1 + wide
      y = isUpright ? (fromLeft ? -high : 1 + high) : random.uniform()
    } else {
      (x, y) = (random.uniform(), random.uniform())
    }
    let signed = fromLeft ? speed : -speed
    across = passes && !isUpright ? signed : 0
    down = passes && isUpright ? signed : 0
    isRound = random.integer(below: 2) == 1
    let gray = random.uniform() < 0.5
    let level = UInt8(random.integer(below: 256))
    colour = (0..<3).map { _ in gray ? level : UInt8(random.integer(below: 256)) }
    texture = passes && random.uniform() < 0.6 ? frames[random.integer(below: frames.count)] : nil
    framesLeft = passes ? Int((1 + 2 * max(wide, high)) / speed) : 5 + random.integer(below: 60)
  }

  var isGone: Bool { framesLeft <= 0 }

  mutating func draw(into values: inout [UInt8]) {
    framesLeft -= 1
    defer { (x, y) = (x + across, y + down) }
    for row in 0..<Thumbnail.height {
      let v = ((Float(row) + 0.5) / Float(Thumbnail.height) - y) / high
      guard abs(v) < 1 else { continue }
      for column in 0..<Thumbnail.width {
        let u = ((Float(column) + 0.5) / Float(Thumbnail.width) - x) / wide
        guard isRound ? u * u + v * v < 1 : abs(u) < 1 else { continue }
        // The pattern moves with it.
        let from =
          (Int((v + 1) / 2 * Float(ShotComposer.Clip.height - 1)) * ShotComposer.Clip.width
            + Int((u + 1) / 2 * Float(ShotComposer.Clip.width - 1))) * 3
        for channel in 0..<3 {
          values[(row * Thumbnail.width + column) * 3 + channel] = texture?[from + channel] ?? colour[channel]
        }
      }
    }
  }
}
