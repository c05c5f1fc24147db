import Scenes
import Tensors

extension ShotComposer {
  /// Goes over from one shot to the next.
  func append(
    _ kind: TransitionKind, from old: inout FilmedShot, to new: inout FilmedShot, to stretch: inout Stretch,
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
    let blend = Blend(kind: kind, white: white, edge: random.integer(below: 4))
    for step in 0..<length {
      let share = Float(step + 1) / Float(length + 1)
      let (before, after) = (old.next(&random), new.next(&random))
      stretch.frames.append(blend.frame(before, after, share: share))
    }
    stretch.transitions.append(Transition(kind, first: first, end: first + length))
  }
}

/// How two shots are mixed while one goes over into the other.
private struct Blend {
  let kind: TransitionKind
  /// The level that a fade goes through.
  let white: Float
  /// The side that a wipe comes from: left, right, top, bottom.
  let edge: Int

  /// - Parameter share: how much of the transition is over
  func frame(_ before: Thumbnail, _ after: Thumbnail, share: Float) -> Thumbnail {
    Thumbnail(
      values: zip(before.values, after.values).enumerated().map { index, pair in
        let (x, y) = (Float(pair.0), Float(pair.1))
        let value =
          switch kind {
          case .cut, .dissolve: x + (y - x) * share
          case .fade: share < 0.5 ? x + (white - x) * 2 * share : white + (y - white) * (2 * share - 1)
          case .wipe: distance(ofPixel: index / 3) < share ? y : x
          }
        return UInt8(max(0, min(255, value.rounded())))
      })
  }

  /// From the wipe's side, as a share of the picture.
  private func distance(ofPixel pixel: Int) -> Float {
    let across = Float(pixel % Thumbnail.width) / Float(Thumbnail.width)
    let down = Float(pixel / Thumbnail.width) / Float(Thumbnail.height)
    return switch edge {
    case 0: across
    case 1: 1 - across
    case 2: down
    default: 1 - down
    }
  }
}
