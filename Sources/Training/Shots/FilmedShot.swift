import Scenes
import Tensors

/// A shot that is being filmed off a clip.
struct FilmedShot {
  let clip: Int
  private let frames: [[UInt8]]
  private let varies: Bool
  private let isMirrored: Bool
  /// Frames of the clip for one of the shot.
  private let speed: Float
  /// In the clip, in frames; beyond its end on the way back.
  private var position: Float
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
    position = Float(random.integer(below: frames.count))
    guard varies else {
      (isMirrored, speed, window, shaking, gain) = (false, 1, (0, 0, 1), 0, [1, 1, 1])
      (contrast, intrusion) = (1, 0)
      // As much of the clip as there is lies before the shot's end.
      position = Float(random.integer(below: max(1, frames.count - settings.shotLengths.upperBound)))
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
    let step = Int(position) % max(1, 2 * last)
    let frame = frames[step <= last ? step : 2 * last - step]
    position += speed
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
          for channel in 0..<3 {
            let at = (top * wide + left) * 3 + channel
            let upper = Float(source[at]) * (1 - right) + Float(source[at + 3]) * right
            let lower =
              Float(source[at + wide * 3]) * (1 - right) + Float(source[at + wide * 3 + 3]) * right
            let plain = 110 + (upper * (1 - down) + lower * down - 110) * contrast
            let value = plain * gain[channel] * light + flash
            result[(row * Thumbnail.width + column) * 3 + channel] = UInt8(max(0, min(255, value)))
          }
        }
      }
    }
    return result
  }
}
