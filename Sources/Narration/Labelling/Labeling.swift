import Models

/// What is done in a video, and from when to when.
public struct Labeling: Sendable, Hashable, Codable {
  /// A label and how probable it is.
  public struct Label: Sendable, Hashable, Codable {
    /// As the model names it.
    public let label: String
    /// 0…1
    public let probability: Double
    /// Whether it is probable enough to be said firmly. Several labels of a segment may be.
    public let isConfident: Bool
  }
  /// A moment that was looked at, and how much it counted.
  public struct Moment: Sendable, Hashable, Codable {
    /// Seconds, by the file's presentation times.
    public let time: Double
    /// 0…1
    public let weight: Double

    package init(time: Double, weight: Double) { (self.time, self.weight) = (time, weight) }
  }
  /// A stretch of the video in which the same is done.
  public struct Segment: Sendable, Hashable, Codable {
    /// Seconds, by the file's presentation times.
    public let start: Double
    /// Seconds, by the file's presentation times.
    public let end: Double
    /// The most probable labels, best first.
    public let labels: [Label]
    /// Whether any label is said firmly; where none is, nothing was recognised.
    public let isConfident: Bool
    /// Whether nothing moved, so that the network was not asked.
    public let isStill: Bool
    /// How much each moment that was looked at counted, in order of time; the weights sum to 1. Empty where the network has no
    /// attention.
    public let attention: [Moment]
  }
  /// From when to when one label is said firmly; those of different labels may overlap.
  public struct Interval: Sendable, Hashable, Codable {
    /// As the model names it.
    public let label: String
    /// Mean over the interval, 0…1
    public let probability: Double
    /// Seconds, by the file's presentation times.
    public let start: Double
    /// Seconds, by the file's presentation times.
    public let end: Double

    package init(label: String, probability: Double, start: Double, end: Double) {
      (self.label, self.probability, self.start, self.end) = (label, probability, start, end)
    }
  }

  /// When the first frame is shown, in seconds.
  public let start: Double
  /// From the first frame to the end of the last, in seconds.
  public let duration: Double
  /// In order of time, without gaps.
  public let segments: [Segment]
  /// In order of their starts.
  public let intervals: [Interval]
  /// Frames and packets that could not be decoded.
  public let damagedFrames: Int
  /// Frames that were shown to the network more than once, since the video is shorter than its window.
  public let repeatedFrames: Int

  package init(
    start: Double, duration: Double, segments: [Segment], intervals: [Interval], damagedFrames: Int,
    repeatedFrames: Int
  ) {
    (self.start, self.duration, self.segments, self.intervals) = (start, duration, segments, intervals)
    (self.damagedFrames, self.repeatedFrames) = (damagedFrames, repeatedFrames)
  }
}

/// How a video is labelled.
///
///     let options = ActionOptions(top: 1, stride: 2)
public struct ActionOptions: Sendable, Hashable {
  /// Labels a segment, 1 to 1000.
  public var top: Int
  /// Seconds that the network looks at once, 0.1 to 3600; nil is what the model was trained for.
  public var window: Double?
  /// Seconds between the beginnings of two windows, 0.1 to 3600; nil is what the model's folder says.
  public var stride: Double?
  /// Below this probability, 0…1, a label is not said firmly; nil is what the model's folder says.
  public var threshold: Double?

  /// Three labels, the model's own window, stride and threshold.
  public init(
    top: Int = 3, window: Double? = nil, stride: Double? = nil, threshold: Double? = nil
  ) {
    (self.top, self.window, self.stride, self.threshold) = (top, window, stride, threshold)
  }

  package static let tops = 1...1000
  /// Of a window and of a stride.
  package static let seconds = 0.1...3600.0
  package static let thresholds = 0.0...1.0

  /// - Throws: for what is out of its range.
  package func check() throws(OptionError) {
    try OptionError.check(top, in: Self.tops, "top")
    if let window { try OptionError.check(window, in: Self.seconds, "window") }
    if let stride { try OptionError.check(stride, in: Self.seconds, "stride") }
    if let threshold { try OptionError.check(threshold, in: Self.thresholds, "threshold") }
  }
}
