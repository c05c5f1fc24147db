/// Finds cuts by how much hue, saturation and brightness change against the frames around, and fades by their darkness: the
/// plain way, after PySceneDetect's AdaptiveDetector and ThresholdDetector.
package final class AdaptiveDetector: TransitionFinder {
  package struct Settings: Sendable, Equatable {
    /// Times that a change must exceed the mean of those around it.
    package var ratio: Float = 3
    /// Frames on either side that are looked at.
    package var neighbours = 2
    /// Smallest change of a cut, mean over hue, saturation and brightness of 0 to 255.
    package var least: Float = 15
    /// Brightest mean of a dark frame, of 0 to 255.
    package var dark: Float = 12
    /// Fewest frames from one cut to the next.
    package var shortest = 15
    package init() {}
  }

  private let settings: Settings
  private var before: [(h: Float, s: Float, v: Float)] = []
  /// Of all frames.
  private var changes: [Float] = []
  private var levels: [Float] = []
  private var lastCut: Int
  package private(set) var transitions: [Transition] = []
  package private(set) var settled = 0

  package init(_ settings: Settings = Settings()) {
    self.settings = settings
    lastCut = -settings.shortest
  }

  package func append(_ frame: Thumbnail) {
    let colours = Self.colours(frame)
    var change: Float = 0
    for (a, b) in zip(colours, before) {
      let turn = abs(a.h - b.h)
      change += min(turn, 180 - turn) * 2 + abs(a.s - b.s) + abs(a.v - b.v)
    }
    changes.append(before.isEmpty ? 0 : change / Float(3 * colours.count))
    levels.append(colours.reduce(0) { $0 + $1.v } / Float(colours.count))
    before = colours
    settle(upTo: levels.count - settings.neighbours, isLast: false)
  }

  package func finish() { settle(upTo: levels.count, isLast: true) }

  private func settle(upTo end: Int, isLast: Bool) {
    while settled < end {
      if levels[settled] < settings.dark {
        guard let fade = fade(isLast: isLast) else { return }
        // What the video begins or ends with is no transition.
        if fade.first > 0, fade.end < levels.count {
          while let last = transitions.last, last.first >= fade.first - 2 { transitions.removeLast() }
          transitions.append(fade)
        }
        settled = fade.end + 1
        lastCut = settled - settings.shortest
      } else {
        if change(settled), settled - lastCut >= settings.shortest {
          transitions.append(Transition(.cut, first: settled, end: settled))
          lastCut = settled
        }
        settled += 1
      }
    }
  }

  /// The stretch around a dark frame in which the brightness falls and rises; nil if it goes on.
  private func fade(isLast: Bool) -> Transition? {
    var (first, end) = (settled, settled)
    while end < levels.count, levels[end] < settings.dark { end += 1 }
    while end + 1 < levels.count, levels[end + 1] > levels[end] + 0.5 { end += 1 }
    guard isLast || end + 1 < levels.count else { return nil }
    while first > 0, levels[first - 1] > levels[first] + 0.5 { first -= 1 }
    return Transition(.fade, first: first, end: min(end, levels.count))
  }

  private func change(_ frame: Int) -> Bool {
    guard changes[frame] >= settings.least else { return false }
    let around = (frame - settings.neighbours...frame + settings.neighbours).filter {
      $0 != frame && changes.indices.contains($0)
    }
    let mean = around.reduce(0) { $0 + changes[$1] } / Float(max(around.count, 1))
    return changes[frame] >= settings.ratio * mean
  }

  /// Hue of 0 to 180, saturation and brightness of 0 to 255.
  private static func colours(_ thumbnail: Thumbnail) -> [(h: Float, s: Float, v: Float)] {
    (0..<Thumbnail.pixels).map { pixel in
      let r = Float(thumbnail.values[3 * pixel])
      let g = Float(thumbnail.values[3 * pixel + 1])
      let b = Float(thumbnail.values[3 * pixel + 2])
      let (high, low) = (max(r, g, b), min(r, g, b))
      let range = high - low
      guard range > 0 else { return (0, 0, high) }
      let sixth: Float =
        high == r ? (g - b) / range : high == g ? 2 + (b - r) / range : 4 + (r - g) / range
      return ((sixth < 0 ? sixth + 6 : sixth) * 30, 255 * range / high, high)
    }
  }
}
