import Scenes
import Tensors

/// A thing that passes before the camera, or a mark that comes and goes at once, as writing does.
struct Intruder {
  /// Of the picture's width and height: center, half size, motion a frame.
  private var x, y: Float
  private let wide, high, across, down: Float
  private let isRound: Bool
  private let color: [UInt8]
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
    color = (0..<3).map { _ in gray ? level : UInt8(random.integer(below: 256)) }
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
          values[(row * Thumbnail.width + column) * 3 + channel] = texture?[from + channel] ?? color[channel]
        }
      }
    }
  }
}
