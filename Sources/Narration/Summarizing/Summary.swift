import Media
import Models
import Scenes

/// A video told in shots.
public struct Summary: Sendable {
  /// A frame that stands for a shot.
  public struct KeyFrame: Sendable {
    /// Seconds, by the file's presentation times.
    public let time: Double
    /// The number under which its picture was given away.
    public let picture: Int
    /// What it shows.
    public let caption: String
    /// As in `Caption`, 0 to 1.
    public let confidence: Double
    /// How well it stands for the shot, 0 to 1.
    public let score: Double
  }

  /// How a shot begins.
  public enum Transition: String, CaseIterable, Sendable {
    /// With the video.
    case start
    case cut, dissolve, fade, wipe
    /// Without a boundary, where a long shot comes to show something else.
    case none
  }

  /// Frames between two transitions, or a part of them.
  public struct Shot: Sendable {
    /// Seconds: the middle of the transition before it.
    public let start: Double
    /// Seconds: where the next one starts.
    public internal(set) var end: Double
    /// How it begins.
    public let transition: Transition
    /// In order of time. Empty where the shot shows what an earlier one showed, or beyond the number asked for.
    public var keyFrames: [KeyFrame]
    /// What happens in it, by several of its frames.
    public let caption: String
    /// As in `Caption`, 0 to 1.
    public let confidence: Double
    /// The earlier shot that it looks like, counted from 0.
    public let repeats: Int?
  }

  /// Neighboring shots that say the same.
  public struct Chapter: Sendable {
    /// Seconds, by the file's presentation times.
    public let start: Double
    /// Seconds: where the next one starts.
    public let end: Double
    /// The caption that is surest and of the longest shot.
    public let title: String
    /// Of the title, as of a shot's caption.
    public let confidence: Double
    /// Indices into `shots`.
    public let shots: Range<Int>
  }

  /// In order of time, at least one; each starts where the one before ends.
  public let shots: [Shot]
  /// In order of time, at least one.
  public let chapters: [Chapter]
  /// Seconds from the first frame to the end of the last.
  public let duration: Double
  /// Frames that could not be decoded.
  public let damagedFrames: Int
  /// Seconds that the file claims to last, if its frames end long before.
  public let claimedDuration: Double?
  /// Captions less sure than this are unsure; nil where the model was not calibrated.
  public let sureConfidence: Double?
}

/// How a video is summarized.
public struct SummaryOptions: Sendable {
  /// The way shots are found.
  public enum Detector: String, Sendable, CaseIterable {
    /// A small recurrent network.
    case network
    /// Color differences against those around.
    case adaptive
  }

  /// Most key frames of the whole video, 1 to 100,000; nil leaves it to the shots.
  public var keyFrames: Int?
  /// How captions are made.
  public var captions = CaptionOptions()

  /// As many key frames as the shots need, the usual captions.
  public init() {}

  package static let keyFrameCounts = 1...100_000

  /// - Throws: for what is out of its range.
  package func check() throws(OptionError) {
    if let keyFrames { try OptionError.check(keyFrames, in: Self.keyFrameCounts, "keyFrames") }
    try captions.check()
  }
}

extension Summary.Transition {
  init(_ kind: TransitionKind) {
    switch kind {
    case .cut: self = .cut
    case .dissolve: self = .dissolve
    case .fade: self = .fade
    case .wipe: self = .wipe
    }
  }
}
