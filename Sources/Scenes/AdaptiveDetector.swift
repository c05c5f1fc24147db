/// Finds cuts by how much hue, saturation and brightness change against the frames around, and fades by their darkness: the
/// plain way, after PySceneDetect's AdaptiveDetector and ThresholdDetector.
package struct AdaptiveDetector {
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
  /// Of the frames from `first` on.
  private var changes: [Float] = []
  private var levels: [Float] = []
  private var count = 0

  package init(_ settings: Settings = Settings()) { self.settings = settings }

  package mutating func append(_ thumbnail: Thumbnail) {
    let colours = Self.colours(thumbnail)
    var change: Float = 0
    for (a, b) in zip(colours, before) {
      let turn = abs(a.h - b.h)
      change += min(turn, 180 - turn) * 2 + abs(a.s - b.s) + abs(a.v - b.v)
    }
    changes.append(before.isEmpty ? 0 : change / Float(3 * colours.count))
    levels.append(colours.reduce(0) { $0 + $1.v } / Float(colours.count))
    before = colours
    count += 1
  }

  /// All transitions, in order.
  package func transitions() -> [Transition] {
    let fades = fades()
    var found: [Transition] = []
    var last = -settings.shortest
    for frame in 1..<max(count, 1) where change(frame) && frame - last >= settings.shortest {
      guard !fades.contains(where: { $0.first - 2...$0.end + 2 ~= frame }) else { continue }
      found.append(Transition(.cut, first: frame, end: frame))
      last = frame
    }
    return (found + fades).sorted { $0.first < $1.first }
  }

  private func change(_ frame: Int) -> Bool {
    guard changes[frame] >= settings.least else { return false }
    let around = (frame - settings.neighbours...frame + settings.neighbours).filter {
      $0 != frame && changes.indices.contains($0)
    }
    let mean = around.reduce(0) { $0 + changes[$1] } / Float(max(around.count, 1))
    return changes[frame] >= settings.ratio * mean
  }

  /// Stretches around dark frames in which the brightness falls and rises.
  private func fades() -> [Transition] {
    var found: [Transition] = []
    var frame = 0
    while frame < count {
      guard levels[frame] < settings.dark else {
        frame += 1
        continue
      }
      var (first, end) = (frame, frame)
      while end < count, levels[end] < settings.dark { end += 1 }
      frame = end
      while first > 0, levels[first - 1] > levels[first] + 0.5 { first -= 1 }
      while end + 1 < count, levels[end + 1] > levels[end] + 0.5 { end += 1 }
      if first > 0, end < count { found.append(Transition(.fade, first: first, end: end)) }
    }
    return found
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
