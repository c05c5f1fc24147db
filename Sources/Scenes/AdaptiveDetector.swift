/// Finds cuts by how much hue, saturation and brightness change against the frames around, and fades by their darkness: the
/// plain way, after PySceneDetect's AdaptiveDetector and ThresholdDetector.
package final class AdaptiveDetector: TransitionFinder {
  package struct Settings: Sendable, Equatable {
    /// Times that a change must exceed the mean of those around it.
    package var ratio: Float = 3
    /// Frames on either side that are looked at.
    package var neighbors = 2
    /// Smallest change of a cut, mean over hue, saturation and brightness of 0 to 255.
    package var least: Float = 15
    /// Brightest mean of a dark frame, of 0 to 255.
    package var dark: Float = 12
    /// Fewest frames from one cut to the next.
    package var shortest = 15
    package init() {}
  }

  /// What the frames before `frame` are.
  private enum Light {
    case bright
    /// Dark since a frame, after the brightness fell from another one on.
    case dark(first: Int, since: Int)
    /// Dark for longer than a transition lasts.
    case night
    /// Growing brighter since a frame; `first` as of `dark`, nil after a night.
    case rising(first: Int?, since: Int)
  }

  private let settings: Settings
  private var before: [(h: Float, s: Float, v: Float)] = []
  /// Of all frames.
  private var changes: [Float] = []
  private var levels: [Float] = []
  /// The next frame to be looked at.
  private var frame = 0
  private var light = Light.bright
  private var lastCut: Int
  /// Cuts that a fade may still turn out to begin at.
  private var cuts: [Transition] = []
  package private(set) var transitions: [Transition] = []
  private var isFinished = false

  /// A fade begins less than `Transition.longest` before it is dark, and is dark or rises no longer than that.
  package var settled: Int {
    let passed = isFinished ? frame : max(0, frame - Transition.longest)
    return switch light {
    case .dark(let first, _), .rising(let first?, _): min(first, passed)
    case .bright, .night, .rising: passed
    }
  }

  package init(_ settings: Settings = Settings()) {
    self.settings = settings
    lastCut = -settings.shortest
  }

  package func append(_ thumbnail: Thumbnail) {
    let colors = Self.colors(thumbnail)
    var change: Float = 0
    for (a, b) in zip(colors, before) {
      let turn = abs(a.h - b.h)
      change += min(turn, 180 - turn) * 2 + abs(a.s - b.s) + abs(a.v - b.v)
    }
    changes.append(before.isEmpty ? 0 : change / Float(3 * colors.count))
    levels.append(colors.reduce(0) { $0 + $1.v } / Float(colors.count))
    before = colors
    while frame < levels.count - settings.neighbors { judge() }
  }

  package func finish() {
    while frame < levels.count { judge() }
    // What the video ends with is no transition.
    (light, isFinished) = (.bright, true)
    release(before: .max)
  }

  /// Judges the next frame.
  private func judge() {
    let isDark = levels[frame] < settings.dark
    switch light {
    case .bright where isDark: light = .dark(first: fall(to: frame), since: frame)
    case .bright:
      if change(frame), frame - lastCut >= settings.shortest {
        cuts.append(Transition(.cut, first: frame, end: frame))
        lastCut = frame
      }
    case .dark(let first, let since) where isDark:
      if frame - since > Transition.longest {
        add(first: first, end: since)
        light = .night
      }
    case .dark(let first, _): light = .rising(first: first, since: frame)
    case .night where isDark: break
    case .night: light = .rising(first: nil, since: frame)
    case .rising(let first, let since):
      if levels[frame] > levels[frame - 1] + 0.5, frame - since < Transition.longest { break }
      add(first: first ?? since, end: frame - 1)
      light = .bright
      return judge()
    }
    release(before: frame - Transition.longest)
    frame += 1
  }

  /// Adds a fade, or a cut where the light is there or gone at once; not what the video begins with.
  private func add(first: Int, end: Int) {
    lastCut = end + 1 - settings.shortest
    // Nor a flicker of what is nearly dark.
    guard first > 0, max(levels[first - 1], levels[end]) >= 1.25 * settings.dark else { return }
    cuts.removeAll { $0.first >= first - 2 }
    release(before: .max)
    transitions.append(Transition(first == end ? .cut : .fade, first: first, end: end))
  }

  /// Tells of the cuts that no fade can take in any more.
  private func release(before frame: Int) {
    transitions += cuts.prefix { $0.first < frame }
    cuts.removeAll { $0.first < frame }
  }

  /// Where the brightness began to fall that ends at a dark frame.
  private func fall(to dark: Int) -> Int {
    let bound = max(0, dark - Transition.longest + 2, transitions.last?.end ?? 0)
    var first = dark
    while first > bound, levels[first - 1] > levels[first] + 0.5 { first -= 1 }
    return first
  }

  private func change(_ frame: Int) -> Bool {
    guard changes[frame] >= settings.least else { return false }
    let around = (frame - settings.neighbors...frame + settings.neighbors).filter {
      $0 != frame && changes.indices.contains($0)
    }
    let mean = around.reduce(0) { $0 + changes[$1] } / Float(max(around.count, 1))
    return changes[frame] >= settings.ratio * mean
  }

  /// Hue of 0 to 180, saturation and brightness of 0 to 255.
  private static func colors(_ thumbnail: Thumbnail) -> [(h: Float, s: Float, v: Float)] {
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
